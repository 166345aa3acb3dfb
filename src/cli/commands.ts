import { capture } from './capture.ts'
import type { Command } from './command.ts'
import { doctor } from './doctor.ts'
import { copy } from './inbox/copy.ts'
import { describe } from './inbox/describe.ts'
import { list } from './inbox/list.ts'
import { pause, resume } from './inbox/pause.ts'
import { rejected } from './inbox/rejected.ts'
import { replay as replayInbox } from './inbox/replay.ts'
import { reverify } from './inbox/reverify.ts'
import { show } from './inbox/show.ts'
import { stats } from './inbox/stats.ts'
import { newReceiver } from './new.ts'
import { receivers } from './receivers.ts'
import { replay } from './replay.ts'
import { send } from './send.ts'
import { serve } from './serve.ts'
import { verify } from './verify.ts'
import { work } from './work.ts'

/** By what one types. */
export const commands: ReadonlyMap<string, Command> = new Map([
  ['receivers', receivers],
  ['doctor', doctor],
  ['serve', serve],
  ['send', send],
  ['capture', capture],
  ['verify', verify],
  ['replay', replay],
  ['new receiver', newReceiver],
  ['inbox list', list],
  ['inbox show', show],
  ['inbox replay', replayInbox],
  ['inbox describe', describe],
  ['inbox stats', stats],
  ['inbox pause', pause],
  ['inbox resume', resume],
  ['inbox rejected', rejected],
  ['inbox reverify', reverify],
  ['inbox copy', copy],
  ['work', work]
])
