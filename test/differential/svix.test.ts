import { compare } from './compare.ts'
import { svix } from './sdks/svix.ts'

compare(svix)
