import { basic, date, joined, type Receiver, text } from '../src/kit.ts'

/**
 * Signs nothing: user and password of the subscription (HTTP Basic) are the only proof; the secret is `user:password`. The
 * id of an event is the same for all subscriptions, and for all tests of one kind; attempts repeat that of a notification.
 * Together with the subscription, they make ours. The account is the collection, which is an organisation in the cloud.
 */
export const azureDevops: Receiver<'azure-devops', AzureDevopsEvents> = {
  name: 'azure-devops',
  docs: 'https://learn.microsoft.com/azure/devops/service-hooks/events',
  scheme: basic(),
  describe({ body: { eventType, id, subscriptionId, notificationId, createdDate, resource, resourceContainers } }) {
    return {
      event: text(eventType),
      id: joined(id, subscriptionId, notificationId),
      occurredAt: date(createdDate, 'iso'),
      subject: subjectOf(text(eventType), resource),
      account:
        text(resourceContainers?.collection?.id) ??
        text(resourceContainers?.account?.id) ??
        text(resourceContainers?.project?.id)
    }
  }
}

/** All resources have an `id`, but of an updated work item it counts the updates. */
function subjectOf(event: string | undefined, resource: any): string | undefined {
  if (event?.startsWith('workitem.')) {
    return joined('workitems', resource?.revision?.id ?? resource?.workItemId ?? resource?.id)
  }
  if (event === 'build.complete') return joined('builds', resource?.id)
  const pullRequest = resource?.pullRequestId ?? resource?.pullRequest?.pullRequestId
  return (
    joined('pullrequests', pullRequest) ??
    joined('repositories', resource?.repository?.id) ??
    joined('changesets', resource?.changesetId) ??
    joined('rooms', resource?.postedRoomId) ??
    joined('releases', resource?.release?.id ?? resource?.deployment?.release?.id) ??
    joined('runs', resource?.run?.id)
  )
}

export interface AzureDevopsEvents {
  'workitem.created': AzureDevopsEvent<AzureWorkItem>
  'workitem.updated': AzureDevopsEvent<AzureWorkItemUpdate>
  'workitem.deleted': AzureDevopsEvent<AzureWorkItem>
  'workitem.restored': AzureDevopsEvent<AzureWorkItem>
  /** The comment is the field `System.History`. */
  'workitem.commented': AzureDevopsEvent<AzureWorkItem>
  'build.complete': AzureDevopsEvent<AzureBuild>
  'git.push': AzureDevopsEvent<AzurePush>
  'git.pullrequest.created': AzureDevopsEvent<AzurePullRequest>
  'git.pullrequest.updated': AzureDevopsEvent<AzurePullRequest>
  'git.pullrequest.merged': AzureDevopsEvent<AzurePullRequest>
  'tfvc.checkin': AzureDevopsEvent<AzureChangeset>
  'message.posted': AzureDevopsEvent<AzureRoomMessage>
  [event: string]: AzureDevopsEvent<any>
}

export interface AzureDevopsEvent<Resource> {
  id: string
  eventType: string
  publisherId: string
  subscriptionId: string
  notificationId: number
  message: { text: string; html: string; markdown: string } | null
  detailedMessage: { text: string; html: string; markdown: string } | null
  resource: Resource
  resourceVersion?: string
  resourceContainers?: { collection?: { id: string }; account?: { id: string }; project?: { id: string } }
  createdDate: string
}

export interface AzureIdentity {
  id: string
  displayName: string
  uniqueName: string
}

export interface AzureWorkItem {
  id: number
  rev: number
  /** By reference names, such as `System.Title`. */
  fields: Record<string, any>
  url: string
}

export interface AzureWorkItemUpdate {
  /** Of the update. The item is `revision`. */
  id: number
  workItemId: number
  rev: number
  revisedBy: AzureIdentity | null
  fields?: Record<string, { oldValue?: any; newValue?: any }>
  revision: AzureWorkItem
}

export interface AzureBuild {
  id: number
  buildNumber: string
  status: string
  result?: string
  reason: string
  startTime: string
  finishTime: string
  definition: { id: number; name: string }
}

export interface AzureRepository {
  id: string
  name: string
  project: { id: string; name: string }
  defaultBranch?: string
  remoteUrl: string
}

export interface AzurePush {
  pushId: number
  date: string
  repository: AzureRepository
  pushedBy: AzureIdentity
  refUpdates: { name: string; oldObjectId: string; newObjectId: string }[]
  commits?: { commitId: string; comment: string; author: { name: string; email: string; date: string } }[]
}

export interface AzurePullRequest {
  pullRequestId: number
  status: string
  title: string
  description?: string
  repository: AzureRepository
  createdBy: AzureIdentity
  creationDate: string
  closedDate?: string
  sourceRefName: string
  targetRefName: string
  mergeStatus: string
  lastMergeCommit?: { commitId: string }
  reviewers: (AzureIdentity & { vote: number })[]
}

export interface AzureChangeset {
  changesetId: number
  author: AzureIdentity
  checkedInBy: AzureIdentity
  createdDate: string
  comment: string
}

export interface AzureRoomMessage {
  id: number
  content: string
  messageType: string
  postedTime: string
  postedRoomId: number
  postedBy: AzureIdentity
}
