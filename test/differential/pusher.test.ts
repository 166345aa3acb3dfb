import { compare } from './compare.ts'
import { pusher } from './sdks/pusher.ts'

compare(pusher)
