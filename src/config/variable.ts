/** `WEBHOOKS_META_SECRET`, `WEBHOOKS_META_VERIFY_TOKEN`; in the plural for named instances. */
export function variable(receiver: string, setting = 'secret', id = ''): string {
  return `WEBHOOKS_${receiver}_${setting}${id === '' ? '' : 's'}`.toUpperCase().replaceAll('-', '_')
}
