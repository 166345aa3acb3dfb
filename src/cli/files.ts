import { readFileSync } from 'node:fs'
import { InvalidCommand } from '../errors.ts'

export function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new InvalidCommand(`Cannot read ${path} (${(error as NodeJS.ErrnoException).code}).`)
  }
}
