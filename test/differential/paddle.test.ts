import { compare } from './compare.ts'
import { paddle } from './sdks/paddle.ts'

compare(paddle)
