import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatTime, parseTime, type TimeFormat, untimely } from '../../src/schemes/timestamp.ts'

const NOW = Date.UTC(2026, 0, 1)

test('seconds and milliseconds are digits alone, fifteen at most', () => {
  assert.equal(parseTime('1767225600', 'seconds'), NOW)
  assert.equal(parseTime('1767225600000', 'milliseconds'), NOW)
  assert.equal(parseTime('0', 'seconds'), 0)
  assert.equal(parseTime('9'.repeat(15), 'milliseconds'), 999_999_999_999_999)
  const none = ['', ' 1', '1 ', '1\n', '+1', '-1', '1.0', '1e9', '0x1', '1a', 'a1', '01', '00', '9'.repeat(16), '１']
  for (const text of none) {
    assert.equal(parseTime(text, 'seconds'), undefined, text)
    assert.equal(parseTime(text, 'milliseconds'), undefined, text)
  }
})

test('a time that no Date can hold is none', () => {
  assert.equal(parseTime('8640000000000', 'seconds'), 8_640_000_000_000_000)
  assert.equal(parseTime('8640000000001', 'seconds'), undefined)
})

test('ISO 8601 is a date, a time to the second or finer, and an offset', () => {
  const same = [
    '2026-01-01T00:00:00Z',
    '2026-01-01T00:00:00.0Z',
    '2026-01-01T00:00:00.000000000Z',
    '2026-01-01T00:00:00+00:00',
    '2026-01-01T01:30:00+01:30',
    '2026-01-01T01:30:00+0130',
    '2025-12-31T19:00:00-05:00'
  ]
  for (const text of same) assert.equal(parseTime(text, 'iso'), NOW, text)
  assert.equal(parseTime('2026-01-01T00:00:00.25Z', 'iso'), NOW + 250)
})

test('what a parser of dates would forgive is no time', () => {
  const none = [
    '',
    '2026-01-01',
    '2026-01-01T00:00Z',
    '2026-01-01T00:00:00',
    '2026-01-01 00:00:00Z',
    '2026-01-01T00:00:00.Z',
    `2026-01-01T00:00:00.${'0'.repeat(10)}Z`,
    '2026-01-01T00:00:00+01',
    '2026-01-01T00:00:00z',
    ' 2026-01-01T00:00:00Z',
    '2026-01-01T00:00:00Z ',
    '2026-01-01T00:00:00Z\n',
    '+002026-01-01T00:00:00Z',
    '12026-01-01T00:00:00Z',
    '2026-1-1T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-01T25:00:00Z',
    'Thu, 01 Jan 2026 00:00:00 GMT',
    '1767225600'
  ]
  for (const text of none) assert.equal(parseTime(text, 'iso'), undefined, text)
})

test('a time is written as it is read; seconds are whole, and never in the future', () => {
  const now = new Date(NOW + 999)
  assert.equal(formatTime(now, 'seconds'), '1767225600')
  assert.equal(formatTime(now, 'milliseconds'), '1767225600999')
  assert.equal(formatTime(now, 'iso'), '2026-01-01T00:00:00.999Z')
})

test('the tolerance counts to the millisecond, in either direction', () => {
  const texts: Record<TimeFormat, string> = {
    seconds: '1767225600',
    milliseconds: '1767225600000',
    iso: '2026-01-01T00:00:00Z'
  }
  for (const [format, text] of Object.entries(texts) as [TimeFormat, string][]) {
    const judge = (apart: number) => untimely(text, format, 30, new Date(NOW + apart))
    for (const apart of [0, 30_000, -30_000]) assert.equal(judge(apart), undefined)
    for (const apart of [30_001, -30_001]) {
      assert.deepEqual(judge(apart), { ok: false, reason: 'timestamp-outside-tolerance' })
    }
  }
  assert.deepEqual(untimely('soon', 'seconds', 30, new Date(NOW)), { ok: false, reason: 'timestamp-malformed' })
})
