import { compare } from './compare.ts'
import { razorpay } from './sdks/razorpay.ts'

compare(razorpay)
