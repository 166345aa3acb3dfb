import { compare } from './compare.ts'
import { linear } from './sdks/linear.ts'

compare(linear)
