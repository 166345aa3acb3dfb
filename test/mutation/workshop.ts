import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Run } from './relevant.ts'

export type Verdict = 'passed' | 'failed' | 'hung'

/** A copy of the sources and tests, in which one mutant after another is tried. */
export class Workshop {
  readonly #root = mkdtempSync(join(tmpdir(), 'posthorn-mutation-'))
  readonly #seconds: number

  constructor(seconds: number) {
    this.#seconds = seconds
    for (const part of ['src', 'receivers', 'handlers', 'test', 'docs', 'README.md', 'package.json', 'tsconfig.json']) {
      cpSync(part, join(this.#root, part), { recursive: true })
    }
    // The build, for examples that import the package by its name: nothing of it is changed.
    for (const part of ['node_modules', 'dist']) symlinkSync(resolve(part), join(this.#root, part))
  }

  /** Up to the first of these runs that doesn't pass, with this text in the file's place. */
  async try(file: string, text: string, original: string, runs: readonly Run[]): Promise<Verdict> {
    writeFileSync(join(this.#root, file), text)
    try {
      for (const run of runs) {
        const verdict = await this.#among(run.receivers, () => this.#judge(run.tests))
        if (verdict !== 'passed') return verdict
      }
      return 'passed'
    } finally {
      writeFileSync(join(this.#root, file), original)
    }
  }

  close(): void {
    rmSync(this.#root, { recursive: true, force: true })
  }

  /** With these receivers alone: tests that go through all of them are slow. */
  async #among<T>(receivers: readonly string[] | undefined, work: () => Promise<T>): Promise<T> {
    if (receivers === undefined) return work()
    const [all, aside] = ['receivers', 'receivers.aside'].map(name => join(this.#root, name)) as [string, string]
    renameSync(all, aside)
    mkdirSync(all)
    for (const receiver of receivers)
      cpSync(join(aside, receiver.replace('receivers/', '')), join(this.#root, receiver))
    try {
      return await work()
    } finally {
      rmSync(all, { recursive: true })
      renameSync(aside, all)
    }
  }

  /** The limit counts the processor's time, so that a busy machine makes no test hang; waiting for ever takes longer. */
  #judge(tests: readonly string[]): Promise<Verdict> {
    const limited = ['-c', 'ulimit -t "$0" && exec "$@"', String(this.#seconds)]
    const child = spawn('sh', [...limited, process.execPath, '--no-warnings', 'test/mutation/judge.ts', ...tests], {
      cwd: this.#root,
      env: { ...process.env, NODE_COMPILE_CACHE: join(this.#root, '.cache') },
      stdio: 'ignore',
      timeout: this.#seconds * 10_000,
      killSignal: 'SIGKILL'
    })
    return new Promise((done, fail) => {
      child.on('error', fail)
      child.on('exit', (code, signal) => done(code === 0 ? 'passed' : signal === null ? 'failed' : 'hung'))
    })
  }
}
