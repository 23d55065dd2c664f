import { describe, expect, it } from 'vitest';
import { formatFixedDate } from '../../../src/models/local/process/fixed-date.js';

describe('the date that templates see', () => {
  it.each([
    ['%d %b %Y', '26 Jul 2024'],
    ['%Y-%m-%d', '2024-07-26'],
    ['%A, %B %-d, %Y at %I:%M %p', 'Friday, July 26, 2024 at 12:00 AM'],
    ['%-m/%-d/%y %-H:%M', '7/26/24 0:00'],
    ['100%% of day %j, %Q', '100% of day 208, %Q'],
  ])('in the format %j is %j', (format, date) => {
    expect(formatFixedDate(format)).toBe(date);
  });

  it('agrees with the calendar', () => {
    const day = new Date(Date.UTC(2024, 6, 26));
    expect(formatFixedDate('%A')).toBe(day.toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' }));
    expect(Number(formatFixedDate('%j'))).toBe((day.getTime() - Date.UTC(2024, 0, 0)) / 86_400_000);
  });
});
