import { compare } from './compare.ts'
import { workos } from './sdks/workos.ts'

compare(workos)
