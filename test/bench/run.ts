/**
 * `npm run bench`: this plugin beside others, on their own payloads. Server and client are pinned to a core each, the
 * variants take turns in many short rounds, and the medians are compared: a ratio means something, a single rate does not.
 * A process keeps the luck that V8's compiler had with it, so all of them are started anew several times; and while the
 * others have their turn it drops code that it has compiled, so each round begins with a part that does not count. Fails if
 * a handler did not run for a request, or saw another event, subject or account.
 *
 * Options: --starts 3 --rounds 3 --seconds 2 --warm 6 --lead 1 --only github,stripe,verify
 */
import { type ChildProcess, execFileSync, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { variants } from './variants.ts'

const { values } = parseArgs({
  options: {
    starts: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' },
    warm: { type: 'string', default: '6' },
    lead: { type: 'string', default: '1' },
    only: { type: 'string', default: 'github,stripe,standard,slack,verify' }
  }
})
const starts = Number(values.starts)
const rounds = Number(values.rounds)
const only = values.only.split(',')
const chosen = Object.entries(variants).filter(([, { payload }]) => only.includes(payload))
const folder = new URL('.', import.meta.url).pathname

interface Running {
  readonly child: ChildProcess
  readonly port: number
}

interface Round {
  readonly rate: number
  readonly p99: number
  /** Microseconds a request. */
  readonly cpu: number
}

/** What must hold: a variant's rate as a multiple of another's. */
const GOALS: [variant: string, than: string, atLeast: number][] = [
  ['posthorn github', 'fastify github', 0.95],
  ['posthorn stripe', 'fastify stripe', 0.95],
  ['posthorn github', 'node:http github', 0.9],
  ['posthorn stripe', 'node:http stripe', 0.9],
  ['posthorn headers only', 'fastify github', 1.15],
  ['posthorn github', '@octokit/webhooks', 1.0],
  ['posthorn stripe', 'express stripe', 1.4],
  ['posthorn standard', 'express standardwebhooks', 1.5],
  ['posthorn slack', '@slack/bolt', 2.5]
]

const pinned = await measure(['0'], starts)
const unpinned = await measure(undefined, 1)
report()
if (only.includes('verify')) {
  const proof = ['-c', '0', process.execPath, `${folder}verify.ts`, String(starts * rounds)]
  console.log(`\n${execFileSync('taskset', proof, { encoding: 'utf8' })}`)
}

async function measure(core: [string] | undefined, starts: number): Promise<Map<string, Round[]>> {
  const results = new Map<string, Round[]>(chosen.map(([name]) => [name, []]))
  for (let count = 0; count < starts; count++) {
    const servers = new Map<string, Running>()
    for (const [name] of chosen) servers.set(name, await start(name, core))
    try {
      await playRounds(servers, results)
    } finally {
      for (const { child } of servers.values()) child.disconnect()
    }
  }
  process.stderr.write('\n')
  return results
}

async function playRounds(servers: ReadonlyMap<string, Running>, results: Map<string, Round[]>): Promise<void> {
  // The first round does not count: it takes seconds until V8 has compiled what is hot.
  for (let index = -1; index < rounds; index++) {
    for (const [name, { payload }] of turned(chosen, index)) {
      const server = servers.get(name)!
      await play(name, payload, server, index < 0 ? values.warm : values.lead)
      if (index >= 0) results.get(name)!.push(await play(name, payload, server, values.seconds))
    }
    process.stderr.write(index < 0 ? 'warm ' : '. ')
  }
}

/** Each round begins with another variant, so that none always follows the same one. */
function turned<Item>(items: readonly Item[], index: number): Item[] {
  const at = Math.max(index, 0) % items.length
  return [...items.slice(at), ...items.slice(0, at)]
}

async function start(name: string, core: [string] | undefined): Promise<Running> {
  const child = fork(`${folder}server.ts`, [name], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const [{ port }] = await once(child, 'message')
  if (core) execFileSync('taskset', ['-a', '-p', '-c', core[0], String(child.pid)], { stdio: 'ignore' })
  return { child, port }
}

async function play(name: string, payload: string, { child, port }: Running, seconds: string): Promise<Round> {
  child.send('begin')
  const client = spawnSync(
    'taskset',
    ['-c', '1', process.execPath, `${folder}client.ts`, payload, String(port), seconds],
    {
      encoding: 'utf8'
    }
  )
  const { answered, failed, rate, p99 } = JSON.parse(client.stdout)
  const reported = once(child, 'message')
  child.send('report')
  const [{ handled, wrong, cpu }] = await reported
  // Requests on their way when the client stops are handled, but not answered to it.
  if (failed > 0 || wrong > 0 || handled < answered || handled > answered + 64) {
    throw new Error(`${name}: ${answered} answered, ${failed} failed, ${handled} handled, ${wrong} of them wrong`)
  }
  return { rate, p99, cpu: cpu / handled }
}

function report(): void {
  const median = (name: string, of: keyof Round, from = pinned): number => {
    const sorted = from
      .get(name)!
      .map(round => round[of])
      .sort((a, b) => a - b)
    return sorted[Math.floor(sorted.length / 2)]!
  }
  console.log(
    `${cpus()[0]!.model}, ${cpus().length} cores, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`
  )
  console.log(
    `${starts} starts, ${rounds} rounds of ${values.seconds} s each behind ${values.lead} s, 64 connections; medians\n`
  )
  console.log('| variant | requests/s | CPU µs/request | p99 ms, unpinned |\n| --- | ---: | ---: | ---: |')
  for (const [name] of chosen) {
    console.log(
      `| ${name} | ${Math.round(median(name, 'rate'))} | ${median(name, 'cpu').toFixed(1)} | ${median(name, 'p99', unpinned)} |`
    )
  }
  console.log(
    '\n| variant | beside | requests/s, ratio | CPU, ratio | goal | |\n| --- | --- | ---: | ---: | ---: | --- |'
  )
  for (const [name, than, goal] of GOALS) {
    if (!pinned.has(name) || !pinned.has(than)) continue
    const ratio = median(name, 'rate') / median(than, 'rate')
    const cpu = median(than, 'cpu') / median(name, 'cpu')
    console.log(
      `| ${name} | ${than} | ${ratio.toFixed(2)} | ${cpu.toFixed(2)} | ${goal.toFixed(2)} | ${ratio >= goal ? 'reached' : 'missed'} |`
    )
  }
}
