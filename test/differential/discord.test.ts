import { compare } from './compare.ts'
import { discord } from './sdks/discord.ts'

compare(discord)
