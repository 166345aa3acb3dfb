import { date, hmac, type Receiver, text } from '../src/kit.ts'

/**
 * Signs the body and, behind it, the callback URL exactly as it was registered, with the application's secret. Id and
 * time are the action's. Trello asks by HEAD whether the URL exists, and removes the webhook for good when it reads 410:
 * nothing here ever answers that.
 */
export const trello: Receiver<'trello', TrelloEvents> = {
  name: 'trello',
  docs: 'https://developer.atlassian.com/cloud/trello/guides/rest-api/webhooks/',
  scheme: hmac({
    header: 'x-trello-webhook',
    hash: 'sha1',
    encoding: 'base64',
    content: ({ body, url }) => [body, url],
    covers: { url: true },
    min: 32
  }),
  handshakes: [{ trust: 'unsigned', methods: ['HEAD', 'GET'], reply: () => ({ status: 200 }) }],
  describe({ body: { action, model } }) {
    const { card, board, organization } = action?.data ?? {}
    return {
      event: text(action?.type),
      id: text(action?.id),
      occurredAt: date(action?.date, 'iso'),
      // Order is kept per card; what is about no card is ordered with its board.
      subject: text(card?.id) ?? text(board?.id) ?? text(model?.id),
      // A board's actions rarely name its workspace, so that would be a different account from action to action.
      account: text(board?.id) ?? text(organization?.id)
    }
  }
}

export interface TrelloEvents {
  createCard: TrelloAction<TrelloCardData & { list: TrelloReference }>
  /** `old` holds what changed; a move between lists names both. */
  updateCard: TrelloAction<
    TrelloCardData & {
      old: Record<string, unknown>
      list?: TrelloReference
      listBefore?: TrelloReference
      listAfter?: TrelloReference
    }
  >
  /** What the card was called is not told. */
  deleteCard: TrelloAction<{
    card: Omit<TrelloCardData['card'], 'name'>
    board: TrelloCardData['board']
    list: TrelloReference
  }>
  commentCard: TrelloAction<TrelloCardData & { text: string; list?: TrelloReference }>
  [event: string]: TrelloAction
}

export interface TrelloAction<Data = Record<string, any>> {
  action: {
    id: string
    type: string
    date: string
    idMemberCreator: string
    memberCreator?: { id: string; fullName: string; username: string }
    data: Data
  }
  /** What the webhook watches. */
  model: { id: string; name?: string }
}

export interface TrelloCardData {
  card: TrelloReference & { idShort: number; shortLink: string }
  board: TrelloReference & { shortLink: string }
}

export interface TrelloReference {
  id: string
  name: string
}
