import { date, joined, query, type Receiver, text, token } from '../src/kit.ts'

/**
 * Signs nothing: a secret in the URL (`?code=`) is the only proof. The event is the payload's type, as MyGet writes it. In
 * MyGet's own examples a build has one identifier while it is queued, started and finished, so the type is part of our id.
 */
export const myget: Receiver<'myget', MygetEvents> = {
  name: 'myget',
  docs: 'https://docs.myget.org/docs/reference/webhooks',
  scheme: token(query('code')),
  handshakes: [
    {
      trust: 'verified',
      reply: ({ body }) => (body.PayloadType === 'PingWebHookEventPayloadV1' ? { status: 200 } : undefined)
    }
  ],
  describe({ body: { Identifier, When, PayloadType, Payload } }) {
    return {
      event: text(PayloadType),
      id: joined(Identifier, PayloadType),
      occurredAt: date(When, 'iso'),
      // The feed and its package, or the build source.
      subject: joined(Payload?.FeedIdentifier, Payload?.PackageIdentifier ?? Payload?.Name),
      account: text(Payload?.FeedIdentifier)
    }
  }
}

export interface MygetEvents {
  PackageAddedWebHookEventPayloadV1: MygetEvent<MygetPackage & MygetPublished>
  PackagePushedWebHookEventPayloadV1: MygetEvent<
    MygetPackage & MygetPublished & { TargetPackageSourceName: string; TargetPackageSourceUrl: string }
  >
  PackageDeletedWebHookEventPayloadV1: MygetEvent<MygetPackage>
  PackageListedWebHookEventPayloadV1: MygetEvent<MygetPackage & { Action: 'listed' | 'unlisted' }>
  PackagePinnedWebHookEventPayloadV1: MygetEvent<MygetPackage & { Action: 'pinned' | 'unpinned' }>
  BuildQueuedWebHookEventPayloadV1: MygetEvent<MygetBuild>
  BuildStartedWebHookEventPayloadV1: MygetEvent<MygetBuild>
  BuildFinishedWebHookEventPayloadV1: MygetEvent<
    MygetBuild & {
      Result: string
      BuildLogUrl: string
      Packages: {
        PackageType: string
        PackageIdentifier: string
        PackageVersion: string
        TargetFramework: string | null
      }[]
    }
  >
  [type: string]: MygetEvent<any>
}

export interface MygetEvent<Payload> {
  Identifier: string
  /** Who did it. */
  Username: string
  When: string
  PayloadType: string
  Payload: Payload
}

export interface MygetFeed {
  FeedIdentifier: string
  FeedUrl: string
}

export interface MygetBuild extends MygetFeed {
  Name: string
  Branch: string
}

export interface MygetPackage extends MygetFeed {
  PackageType: string
  PackageIdentifier: string
  PackageVersion: string
}

export interface MygetPublished {
  PackageDetailsUrl: string
  PackageDownloadUrl: string
  PackageMetadata: {
    Size: number
    Authors: string
    Description: string
    Tags: string | null
    ReleaseNotes: string | null
    Dependencies: { PackageIdentifier: string; PackageVersion: string; TargetFramework: string | null }[]
  }
}
