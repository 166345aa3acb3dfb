import { compare } from './compare.ts'
import { line } from './sdks/line.ts'

compare(line)
