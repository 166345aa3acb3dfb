import type { Command } from './command.ts'
import { copy } from './inbox/copy.ts'
import { describe } from './inbox/describe.ts'
import { list } from './inbox/list.ts'
import { pause, resume } from './inbox/pause.ts'
import { rejected } from './inbox/rejected.ts'
import { replay } from './inbox/replay.ts'
import { reverify } from './inbox/reverify.ts'
import { show } from './inbox/show.ts'
import { stats } from './inbox/stats.ts'
import { work } from './work.ts'

/** By what one types. */
export const commands: ReadonlyMap<string, Command> = new Map([
  ['inbox list', list],
  ['inbox show', show],
  ['inbox replay', replay],
  ['inbox describe', describe],
  ['inbox stats', stats],
  ['inbox pause', pause],
  ['inbox resume', resume],
  ['inbox rejected', rejected],
  ['inbox reverify', reverify],
  ['inbox copy', copy],
  ['work', work]
])
