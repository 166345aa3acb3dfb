import { InvalidInboxCall } from '../errors.ts'

export interface Page {
  /** What `next` of the page before said. */
  readonly before?: number | undefined
  /** 1 to 500. Default: 50. */
  readonly limit?: number | undefined
}

const DEFAULT_LIMIT = 50
const MOST = 500

export function pageOf({ before, limit = DEFAULT_LIMIT }: Page): {
  readonly before: number | undefined
  readonly limit: number
} {
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST) {
    throw new InvalidInboxCall(`\`limit\` must be a whole number from 1 to ${MOST}`)
  }
  if (before !== undefined && !Number.isSafeInteger(before)) {
    throw new InvalidInboxCall('`before` must be what `next` of the page before said')
  }
  return { before, limit }
}
