import { compare } from './compare.ts'
import { github } from './sdks/github.ts'

compare(github)
