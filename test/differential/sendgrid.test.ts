import { compare } from './compare.ts'
import { sendgrid } from './sdks/sendgrid.ts'

compare(sendgrid)
