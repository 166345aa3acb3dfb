import { date, hmac, joined, type Receiver, text } from '../src/kit.ts'

/**
 * Signs the body; without a secret the header says `no-secret-provided`, which proves nothing. There is no id: event,
 * booking and time make one, but two events of one moment without a booking could not be told apart, so they have none.
 * A meeting that starts or ends is sent as the booking itself, without `payload`; its `createdAt` is when it was booked.
 * A custom payload template may leave anything out, and may be a form; it must keep `triggerEvent`.
 */
export const calCom: Receiver<'cal-com', CalComEvents> = {
  name: 'cal-com',
  docs: 'https://cal.com/docs/developing/guides/automation/webhooks',
  scheme: hmac({ header: 'x-cal-signature-256', hash: 'sha256', encoding: 'hex' }),
  body: ['json', 'form'],
  describe({ body }) {
    const { triggerEvent, payload = body } = body
    const booking = text(payload?.uid) ?? text(payload?.bookingUid)
    const host = payload?.organizer ?? payload?.user
    const time = timeOf(body, payload)
    return {
      event: text(triggerEvent),
      id: joined(triggerEvent, booking, time),
      occurredAt: date(time, 'iso'),
      subject: booking,
      account: text(host?.username) ?? text(host?.email)
    }
  }
}

/** A meeting starts and ends when it was booked for. */
function timeOf({ triggerEvent, createdAt }: any, booking: any): unknown {
  if (triggerEvent === 'MEETING_STARTED') return booking?.startTime
  if (triggerEvent === 'MEETING_ENDED') return booking?.endTime
  return createdAt
}

export interface CalComEvents {
  BOOKING_CREATED: CalComEvent<CalComBooking>
  BOOKING_REQUESTED: CalComEvent<CalComBooking>
  BOOKING_RESCHEDULED: CalComEvent<CalComBooking & { rescheduleUid?: string; rescheduleStartTime?: string }>
  BOOKING_CANCELLED: CalComEvent<CalComBooking & { cancellationReason?: string; cancelledBy?: string }>
  BOOKING_REJECTED: CalComEvent<CalComBooking & { rejectionReason?: string }>
  BOOKING_PAID: CalComEvent<CalComBooking & { paymentId?: number }>
  MEETING_STARTED: CalComMeeting
  MEETING_ENDED: CalComMeeting
  /** Of the button that tests a webhook. */
  PING: CalComEvent<object>
  [event: string]: any
}

export interface CalComEvent<Payload> {
  triggerEvent: string
  createdAt: string
  payload: Payload
}

export interface CalComBooking {
  uid: string
  bookingId?: number
  title: string
  type: string
  startTime: string
  endTime: string
  status?: string
  location?: string
  organizer: CalComPerson & { username?: string }
  attendees: CalComPerson[]
  /** Of a question that was not answered there is only the label. */
  responses?: Record<string, { label: string; value?: unknown }>
  metadata?: Record<string, unknown>
}

/** A booking as Cal.com stores it. */
export interface CalComMeeting {
  triggerEvent: string
  id: number
  uid: string
  title: string
  startTime: string
  endTime: string
  status: string
  location: string | null
  user: (CalComPerson & { username: string | null }) | null
  attendees: CalComPerson[]
  responses?: Record<string, { label: string; value?: unknown }>
  metadata?: Record<string, unknown> | null
  /** When it was booked. */
  createdAt: string
}

export interface CalComPerson {
  name: string
  email: string
  timeZone: string
}
