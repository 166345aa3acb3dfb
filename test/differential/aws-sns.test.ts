import { compare } from './compare.ts'
import { awsSns } from './sdks/aws-sns.ts'

compare(awsSns)
