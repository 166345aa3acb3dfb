import { date, query, type Receiver, text, token } from '../src/kit.ts'

/**
 * WordPress.com and Jetpack. Signs nothing: a secret in the URL (`?code=`) is the only proof. The event is the action's
 * name in the field `hook`; which other fields come is chosen by the site's owner. No id. Only the GMT fields tell a
 * time: the others are in the site's own zone.
 */
export const wordpress: Receiver<'wordpress', WordpressEvents> = {
  name: 'wordpress',
  docs: 'https://wordpress.com/support/webhooks/',
  scheme: token(query('code')),
  body: ['form'],
  describe({ body }) {
    const at = text(body.comment_date_gmt) ?? text(body.post_modified_gmt) ?? text(body.post_date_gmt)
    return {
      event: text(body.hook),
      occurredAt: date(at?.replace(' ', 'T').concat('Z'), 'iso'),
      subject: subjectOf(text(body.comment_ID), text(body.ID))
    }
  }
}

/** Posts and pages share their numbers, comments have their own. */
function subjectOf(comment: string | undefined, post: string | undefined): string | undefined {
  if (comment !== undefined) return `comments/${comment}`
  return post === undefined ? undefined : `posts/${post}`
}

export interface WordpressEvents {
  comment_post: WordpressEvent & WordpressComment
  publish_post: WordpressEvent & WordpressPost
  publish_page: WordpressEvent & WordpressPost
  [hook: string]: WordpressEvent
}

export interface WordpressEvent {
  hook: string
}

export interface WordpressComment {
  comment_ID?: string
  comment_post_ID?: string
  comment_author?: string
  comment_author_email?: string
  comment_content?: string
  comment_approved?: string
  comment_date_gmt?: string
}

export interface WordpressPost {
  ID?: string
  post_author?: string
  post_title?: string
  post_content?: string
  post_excerpt?: string
  post_status?: string
  post_url?: string
  post_date_gmt?: string
  post_modified_gmt?: string
}
