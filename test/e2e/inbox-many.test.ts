/** More of it: `npm run crash -- --due 100000`. */

import { onEachEngine } from './crash/engines.ts'
import { handleMany } from './crash/many.ts'

const COUNT = 5_000

onEachEngine(
  `${COUNT} deliveries that are due at once are handled, each once, and memory stays bounded`,
  async (world, context) => {
    const { megabytes } = await handleMany(world, COUNT)
    context.diagnostic(`${megabytes} MB above an idle server`)
  }
)
