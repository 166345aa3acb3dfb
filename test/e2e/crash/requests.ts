/** Signed requests, as the providers send them. */
import { Agent, request as open } from 'node:http'
import { custom } from '../../../receivers/custom.ts'
import { github } from '../../../receivers/github.ts'
import type { AnyReceiver } from '../../../src/receiver.ts'

export const SECRET = 'a-secret-for-the-crash-tests-of-32-letters'

export interface Signed {
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: Buffer
  readonly receiver: string
  /** Of the deliveries in it. */
  readonly ids: readonly string[]
  readonly subject: string | undefined
}

/** What the second handler does with it: see the server. */
export type Act = 'fail' | 'die' | 'wait' | undefined

export async function push(id: string, repository: string, act?: Act, padding = 0): Promise<Signed> {
  const subject = `octo/${repository}`
  const content = { ref: 'refs/heads/main', repository: { full_name: subject }, act, padding: 'x'.repeat(padding) }
  const headers = { 'x-github-event': 'push', 'x-github-delivery': id }
  return { ...(await signed(github, headers, content)), ids: [id], subject }
}

/** One request with several deliveries. */
export async function batch(id: string, acts: readonly Act[]): Promise<Signed> {
  const content = { Id: id, Attempt: 1, Notifications: acts.map(act => ({ Action: 'changed', act })) }
  const ids = acts.map((_, position) => `${id}/${position}`)
  return { ...(await signed(custom, {}, content)), ids, subject: undefined }
}

async function signed(receiver: AnyReceiver, headers: Record<string, string>, content: object) {
  const path = `/api/webhooks/incoming/${receiver.name}`
  const body = Buffer.from(JSON.stringify(content))
  const request = { method: 'POST', url: path, headers: { 'content-type': 'application/json', ...headers }, body }
  const { headers: proven } = await receiver.scheme.sign!(request, SECRET, new Date())
  return { path, headers: proven as Record<string, string>, body, receiver: receiver.name }
}

export interface Answer {
  readonly status: number
  readonly retryAfter: string | undefined
}

const PATIENCE = 20_000
const agent = new Agent({ keepAlive: true })

/** The answer; undefined where none came: the server died, or is not there. */
export function send(port: number, { path, headers, body }: Signed): Promise<Answer | undefined> {
  return new Promise(resolve => {
    const length = { 'content-length': body.length }
    const options = { agent, host: '127.0.0.1', port, path, method: 'POST', timeout: PATIENCE }
    const request = open({ ...options, headers: { ...headers, ...length } })
    request.on('response', response => {
      const answer = { status: response.statusCode!, retryAfter: response.headers['retry-after'] }
      // What is cut off behind the status was answered all the same.
      response.resume().on('close', () => resolve(answer))
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(undefined))
    request.end(body)
  })
}
