#!/usr/bin/env node
import { openStore } from '../store/open.ts'
import { main } from './cli.ts'

// `posthorn inbox list | head` closes the pipe before all is written.
process.stdout.on('error', error => process.exit((error as NodeJS.ErrnoException).code === 'EPIPE' ? 0 : 1))

const { stdout, stderr, env } = process
process.exitCode = await main(process.argv.slice(2), {
  stdout,
  stderr,
  env,
  signals: process,
  openStore,
  exit: code => process.exit(code)
})
