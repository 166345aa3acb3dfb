/** Compiled, never run: what must and must not type-check. */
import type { webhooks as GithubWebhooks } from '@octokit/openapi-webhooks-types'
import type { GithubPayloads, GithubPush } from '../receivers/github.ts'
import { github } from '../receivers/github.ts'
import { type DeliveryOf, type HandlerContext, handles, is, on, type Receiver, withPayloads } from '../src/kit.ts'
import type { InjectableWebhooks } from '../src/options.ts'
import { signedRequest } from '../src/testing/signed-request.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function expectTrue<_T extends true>(): void {}

const shop = {} as Receiver<
  'shop',
  { 'order.paid': { total: number }; 'order.sent': { parcel: string }; refund: { by: string } }
>
const untyped = {} as Receiver<'untyped'>

// A closed map: names are checked, patterns narrow to a union by event.
const paid = on(shop, 'order.paid')
expectTrue<Equal<DeliveryOf<[typeof paid]>['data'], { total: number }>>()
// @ts-expect-error a typo
on(shop, 'order.payed')
const orders = on(shop, 'order.*')
declare const order: DeliveryOf<[typeof orders]>
if (order.event === 'order.paid') order.data.total.toFixed()
else order.data.parcel.trim()
expectTrue<Equal<typeof order.event, 'order.paid' | 'order.sent'>>()
// @ts-expect-error a pattern that matches nothing
on(shop, 'orders.*')
on(shop, '**')

// An open map: known names are typed, unknown ones and patterns are usable.
const push = on(github, 'push')
expectTrue<Equal<DeliveryOf<[typeof push]>['data'], GithubPush>>()
expectTrue<Equal<DeliveryOf<[typeof push]>['event'], 'push'>>()
const opened = on(github, 'issues.opened')
declare const issue: DeliveryOf<[typeof opened]>
issue.data.issue.title.trim()
// @ts-expect-error no such field
issue.data.issue.tittle
const anything = on(github, '**')
declare const some: DeliveryOf<[typeof anything]>
some.data.repository?.full_name.trim()
on(github, 'an_event_of_tomorrow')
on(github, 'issues.*')
if (is(some, github, 'issues.opened')) some.data.issue.title.trim()

// Without a map: anything goes.
on(untyped, 'whatever')

// A handler's delivery is what it accepts, and nothing else compiles.
const pushAndPaid = [on(github, 'push'), on(shop, 'order.paid')] as const
export class Both extends handles(...pushAndPaid) {
  readonly name = 'both'
  override readonly order = 20
  handle(delivery: DeliveryOf<Both['accepts']>, { log }: HandlerContext): void {
    if (is(delivery, shop, 'order.paid')) log.info({ total: delivery.data.total }, 'paid')
    else log.info({ ref: delivery.data.ref }, 'pushed')
  }
}
export class Wrong extends handles(on(github, 'push')) {
  readonly name = 'wrong'
  // @ts-expect-error the handler accepts pushes, not orders
  handle(delivery: DeliveryOf<[typeof paid]>): void {
    delivery.data.total.toFixed()
  }
}

// The provider's own types.
const official = withPayloads<GithubPayloads<GithubWebhooks>>()(github)
const officialOpened = on(official, 'issues.opened')
declare const officialIssue: DeliveryOf<[typeof officialOpened]>
officialIssue.data.issue.title.trim()
expectTrue<Equal<typeof officialIssue.data.action, 'opened'>>()
on(official, 'pull_request.review_requested')
on(official, 'pull_request_review.submitted')
on(official, 'push')
// @ts-expect-error GitHub sends no such action
on(official, 'issues.exploded')

// Tests give an event's own payload, or an exact body.
declare const injecting: InjectableWebhooks
injecting.inject(shop, 'order.paid', { total: 1 })
injecting.inject(shop, 'order.paid', '{"total":1}', { instance: 'acme' })
injecting.inject(untyped, 'whatever', { any: 'thing' })
// @ts-expect-error no such event
injecting.inject(shop, 'order.payed')
// @ts-expect-error another event's payload
injecting.inject(shop, 'order.paid', { parcel: 'p' })
// @ts-expect-error another event's payload
signedRequest(shop, 'order.sent', { total: 1 }, { secret: 's' })
