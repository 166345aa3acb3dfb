import { compare } from './compare.ts'
import { twilioExpress, twilioForms, twilioHashes } from './sdks/twilio.ts'

compare(twilioForms)
compare(twilioHashes)
compare(twilioExpress)
