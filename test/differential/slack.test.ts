import { compare } from './compare.ts'
import { slack } from './sdks/slack.ts'

compare(slack)
