import { compare } from './compare.ts'
import { stripe } from './sdks/stripe.ts'

compare(stripe)
