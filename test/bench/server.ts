/** One variant in a process of its own: `node server.ts <variant>`. Says its port, and after each round what it did. */
import type { AddressInfo } from 'node:net'
import { payloads } from './payloads.ts'
import { variants } from './variants.ts'

const variant = variants[process.argv[2]!]!
const { expected } = payloads()[variant.payload]
let handled = 0
let wrong = 0
let cpu = process.cpuUsage()

const server = await variant.start((event, subject, account) => {
  handled++
  if (event !== expected.event || subject !== expected.subject || account !== expected.account) wrong++
})
process.on('message', message => {
  if (message === 'begin') {
    handled = 0
    wrong = 0
    cpu = process.cpuUsage()
  } else {
    const { user, system } = process.cpuUsage(cpu)
    process.send!({ handled, wrong, cpu: user + system })
  }
})
process.on('disconnect', () => process.exit())
process.send!({ port: (server.address() as AddressInfo).port })
