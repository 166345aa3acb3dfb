import { compare } from './compare.ts'
import { standardWebhooks } from './sdks/standard-webhooks.ts'

compare(standardWebhooks)
