/** What admins do on the page: make, change, cancel and delete events, and look after the people. */

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { admin, between, create, day, eventually, frame, open, person, picture, pretend, unique, withdraw } from './world.mjs';

/** Opens a tool of an event's card. */
async function manage({ card }, event, tool) {
  await card(event).getByText('Manage').click();
  await card(event).getByRole('button', { name: tool }).click();
}

async function openForm({ page }) {
  await page.getByRole('button', { name: 'New event' }).click();
  await page.getByRole('heading', { name: 'New event' }).waitFor();
}

const titled = (title) => (each) => each.type === 'event' && each.title === title;

test('visitors see nothing of it', async () => {
  const event = await create();
  const { page, card, close } = await open('visitor');
  await card(event).waitFor();
  assert.equal(await page.getByText('Manage').count(), 0);
  assert.equal(await page.getByRole('button', { name: 'New event' }).count(), 0);
  await close();
});

test('an admin creates an event with a picture, and everybody sees it', async () => {
  const title = unique('Picnic');
  const boss = await open('admin');
  const visitor = await open('visitor');
  const { page } = boss;
  await openForm(boss);
  await page.getByLabel('Title').fill(title);
  await page.getByLabel('Description').fill('Bring a blanket.\nAnd a hat.');
  await page.getByLabel('Date', { exact: true }).fill(day(9));
  await page.getByLabel('Starts at').fill('13:30');
  await page.getByLabel('Duration in hours').fill('2,5');
  await page.getByLabel('Time zone').selectOption('Europe/Madrid');
  await page.getByLabel('Place (optional)').fill('Meadow');
  await page.getByLabel('Places (empty: no limit)').fill('12');
  await page.getByLabel('Choose a picture').setInputFiles(await picture(640, 360));
  await page.getByAltText('Preview of the picture').waitFor();
  await page.getByRole('button', { name: 'Create event' }).click();
  await page.getByText(/Picnic .* is announced/).waitFor();
  const made = await (await admin()).next(titled(title));
  assert.equal(made.start, `${day(9)} 13:30`);
  assert.equal(made.duration, 2.5);
  assert.equal(made.timezone, 'Europe/Madrid');
  assert.equal(made.location, 'Meadow');
  assert.equal(made.capacity, 12);
  assert.equal(made.description, 'Bring a blanket.\nAnd a hat.');
  await visitor.card(made).scrollIntoViewIfNeeded();
  const image = visitor.card(made).getByAltText(title);
  await eventually(() => image.evaluate((element) => element.naturalWidth === 640));
  await withdraw(made.id);
  await boss.close();
  await visitor.close();
});

test('a repeating and a daily event are made with the right start', async () => {
  const boss = await open('admin');
  const { page } = boss;
  for (const [repeats, start] of [['weekly', `${day(2)} 09:00`], ['daily', '09:00']]) {
    const title = unique('Course');
    await openForm(boss);
    await page.getByLabel('Title').fill(title);
    await page.getByLabel('Repeats').selectOption(repeats);
    if (repeats === 'weekly') {
      await page.getByLabel('Date', { exact: true }).fill(day(2));
      await page.getByLabel('Last date').fill(day(50));
    } else {
      assert.equal(await page.getByLabel('Date', { exact: true }).isVisible(), false);
    }
    await page.getByLabel('Starts at').fill('09:00');
    await page.keyboard.press('Enter');
    const made = await (await admin()).next(titled(title));
    assert.equal(made.start, start);
    assert.equal(made.recurrence, repeats);
    assert.equal(made.until, repeats === 'weekly' ? day(50) : null);
    await boss.card(made).waitFor();
    await withdraw(made.id);
  }
  await boss.close();
});

test('what the server would refuse is said before anything is sent', async () => {
  let sent = 0;
  const boss = await open('admin', { before: between({ toServer: (message) => (message.type === 'create-event' ? void (sent += 1) : message) }) });
  const { page } = boss;
  await openForm(boss);
  await page.getByLabel('Duration in hours').fill('200');
  await page.getByLabel('Places (empty: no limit)').fill('0');
  await page.getByLabel('Place (optional)').fill('x'.repeat(201));
  await page.getByLabel('Date', { exact: true }).fill('');
  await page.getByRole('button', { name: 'Create event' }).click();
  for (const text of ['Give the event a title.', 'Give the hours, more than 0 and at most 168.', 'Give a whole number from 1', 'At most 200 characters.', 'Give a date']) await page.getByText(text).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), 'f-title');
  assert.equal(await page.getByLabel('Title').getAttribute('aria-invalid'), 'true');
  assert.equal(sent, 0);
  await boss.close();
});

test('pictures of the wrong kind, size, width or shape are refused on the page', async () => {
  const boss = await open('admin');
  const { page } = boss;
  await openForm(boss);
  const chooser = page.locator('input[type=file]');
  const html = { name: 'picture.png', mimeType: 'image/png', buffer: Buffer.from('<html><script>alert(1)</script></html>') };
  const cases = [
    [html, 'not a PNG, JPEG or WebP'],
    [await picture(399, 224), '399 pixels wide'],
    [await picture(800, 600), '800 × 600 pixels'],
    [await picture(1280, 720, { noise: true }), 'at most 512 KiB'],
  ];
  for (const [file, reason] of cases) {
    await chooser.setInputFiles(file);
    await page.locator('#w-image', { hasText: reason }).waitFor();
    assert.equal(await page.getByAltText('Preview of the picture').isVisible(), false);
  }
  for (const type of ['image/jpeg', 'image/webp', 'image/png']) {
    await chooser.setInputFiles(await picture(800, 450, { type }));
    await page.getByAltText('Preview of the picture').waitFor();
    assert.equal(await page.locator('#w-image').textContent(), '');
    await page.getByRole('button', { name: 'Remove the picture' }).click();
  }
  await boss.close();
});

test('a picture that is too large or of another shape can be made to fit', async () => {
  const title = unique('Fitted');
  const boss = await open('admin');
  const { page } = boss;
  await openForm(boss);
  await page.getByLabel('Title').fill(title);
  await page.locator('input[type=file]').setInputFiles(await picture(1400, 1400, { noise: true }));
  await page.getByRole('button', { name: 'Crop and shrink it for me' }).click();
  const preview = page.getByAltText('Preview of the picture');
  await preview.waitFor();
  await eventually(() => preview.evaluate((image) => image.naturalWidth > 0 && Math.abs(image.naturalWidth / image.naturalHeight / (16 / 9) - 1) < 0.02));
  await page.getByRole('button', { name: 'Create event' }).click();
  const made = await (await admin()).next(titled(title));
  assert.match(made.image, /\.jpe?g$/);
  await withdraw(made.id);
  await boss.close();
});

test('a fault the server finds stands at its field, and nothing typed is lost', async () => {
  const answer = (message, send) => message.type === 'create-event' && send({ type: 'error', code: 'invalid-data', field: 'start', msg: 'This day is taken.' });
  const boss = await open('admin', { before: pretend({ welcome: { is_admin: true }, answer }) });
  const { page } = boss;
  await openForm(boss);
  await page.getByLabel('Title').fill('Kept');
  await page.getByRole('button', { name: 'Create event' }).click();
  await page.locator('#w-date', { hasText: 'This day is taken.' }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), 'f-date');
  assert.equal(await page.getByLabel('Title').inputValue(), 'Kept');
  await boss.close();
});

test('editing sends only what changed', async () => {
  const event = await create({ title: unique('Draft'), capacity: 5, location: 'Here' });
  let sent;
  const boss = await open('admin', { before: between({ toServer: (message) => (message.type === 'edit-event' && (sent = message), message) }) });
  const { page } = boss;
  await manage(boss, event, 'Edit');
  const title = unique('Final');
  assert.equal(await page.getByLabel('Title').inputValue(), event.title);
  await page.getByLabel('Title').fill(title);
  await page.getByLabel('Places (empty: no limit)').fill('');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await boss.card(event).getByText(title).waitFor();
  assert.deepEqual(sent, { type: 'edit-event', id: event.id, title, capacity: null, app: 'mini_event' });
  assert.doesNotMatch(await boss.card(event).innerText(), /places left/);
  await boss.close();
});

test('a picture can be replaced and removed', async () => {
  const file = await picture(640, 360);
  const event = await create({ image: { name: 'a.png', base64: file.buffer.toString('base64') } });
  const boss = await open('admin');
  const { page } = boss;
  await manage(boss, event, 'Edit');
  await page.getByAltText('Preview of the picture').waitFor();
  await page.getByRole('button', { name: 'Remove the picture' }).click();
  await page.getByRole('button', { name: 'Save changes' }).click();
  await (await admin()).next((each) => each.type === 'event' && each.id === event.id && each.image === '');
  await eventually(async () => assert.equal(await boss.card(event).locator('.card__picture').isVisible(), false));
  await boss.close();
});

test('cancelling asks for a reason, and everybody reads it', async () => {
  const event = await create();
  const boss = await open('admin');
  const visitor = await open('visitor');
  await manage(boss, event, 'Cancel event');
  const dialog = boss.page.getByRole('dialog');
  await dialog.getByLabel('Reason (optional)').fill('No room');
  await dialog.getByRole('button', { name: 'Cancel event' }).click();
  await visitor.card(event).getByText('Cancelled').waitFor();
  await visitor.card(event).getByText('No room').waitFor();
  await boss.close();
  await visitor.close();
});

test('one date of a series can be cancelled alone', async () => {
  const event = await create({ start: `${day(3)} 18:00`, recurrence: 'weekly' });
  const boss = await open('admin');
  await manage(boss, event, 'Cancel event');
  await boss.page.getByRole('dialog').getByRole('radio', { name: /^Only / }).check();
  await boss.page.getByRole('dialog').getByRole('button', { name: 'Cancel event' }).click();
  const answer = await (await admin()).next((each) => each.type === 'event' && each.id === event.id && each.cancelled_dates.length > 0);
  assert.deepEqual(answer.cancelled_dates, [day(3)]);
  assert.equal(answer.cancelled, false);
  await boss.close();
});

test('deleting asks first', async () => {
  const event = await create();
  const boss = await open('admin');
  await manage(boss, event, 'Delete');
  await boss.page.getByRole('dialog').getByRole('button', { name: 'Keep it' }).click();
  await boss.card(event).waitFor();
  await boss.card(event).getByRole('button', { name: 'Delete' }).click();
  await boss.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await boss.card(event).waitFor({ state: 'detached' });
  await boss.close();
});

test('leaving a changed form asks first', async () => {
  const boss = await open('admin');
  const { page } = boss;
  await openForm(boss);
  await page.getByRole('button', { name: 'Back' }).click();
  await page.getByRole('heading', { name: 'Events', exact: true }).waitFor();
  await openForm(boss);
  await page.getByLabel('Title').fill('Half done');
  await page.getByRole('button', { name: 'Back' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Keep editing' }).click();
  assert.equal(await page.getByLabel('Title').inputValue(), 'Half done');
  await page.getByRole('button', { name: 'Back' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
  await page.getByRole('heading', { name: 'Events', exact: true }).waitFor();
  await eventually(async () => assert.equal(await page.evaluate(() => document.activeElement.textContent), 'New event'));
  await boss.close();
});

test('the attendee list is live, and people can be removed from it', async () => {
  const event = await create();
  const boss = await open('admin');
  const { page } = boss;
  await manage(boss, event, 'Attendees');
  await page.getByText('Nobody has signed up yet.').waitFor();
  const visitor = await person('visitor');
  await visitor.ask({ type: 'attend', event: event.id }, (each) => each.type === 'event' && each.id === event.id && each.state === 'going');
  await page.getByRole('status').getByText('1 going').waitFor();
  await page.getByRole('button', { name: /^Remove / }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByText('Nobody has signed up yet.').waitFor();
  await page.getByRole('button', { name: 'Back' }).click();
  await boss.card(event).getByText('Nobody is going yet').waitFor();
  await boss.close();
});

test('the list is saved as CSV without formulas', async () => {
  const list = [
    { telegram_id: 7, name: '=HYPERLINK("http://evil","x")', state: 'going', since: '2026-11-20T10:00:00Z', reachable: true },
    { telegram_id: 8, name: 'Müller, "Jo"', state: 'waitlisted', since: '2026-11-20T11:00:00Z', reachable: false },
  ];
  const answer = (message, send) => message.type === 'attendees' && send({ type: 'attendees', event: message.event, list });
  const boss = await open('admin', { before: pretend({ welcome: { is_admin: true }, events: [frame(1, { title: 'Jazz / Köln' })], answer }) });
  const { page } = boss;
  await manage(boss, 1, 'Attendees');
  await page.getByText('Cannot be reminded').waitFor();
  await page.getByRole('status').getByText('1 going · 1 waiting').waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save as CSV' }).click()]);
  assert.equal(download.suggestedFilename(), 'Jazz-Köln.csv');
  const text = fs.readFileSync(await download.path(), 'utf8');
  assert.ok(text.startsWith('\uFEFF"Telegram id","Name"'));
  assert.ok(text.includes(`"7","'=HYPERLINK(""http://evil"",""x"")","going","2026-11-20T10:00:00Z","yes"\r\n`));
  assert.ok(text.includes('"8","Müller, ""Jo""","waiting"'));
  await boss.close();
});

test('without connection nothing is lost and the form says so', async () => {
  const boss = await open('admin');
  const { page } = boss;
  await openForm(boss);
  await page.getByLabel('Title').fill('Offline');
  await boss.context.setOffline(true);
  await page.getByText('You are offline').waitFor();
  await page.getByRole('button', { name: 'Create event' }).click();
  await page.getByRole('alert').getByText('nothing was sent').waitFor();
  assert.equal(await page.getByLabel('Title').inputValue(), 'Offline');
  await boss.close(/ERR_INTERNET_DISCONNECTED|WebSocket/);
});

test('tools that cannot be fetched without connection work once it is back', async () => {
  const boss = await open('admin');
  const { page } = boss;
  await boss.context.setOffline(true);
  await page.getByText('You are offline').waitFor();
  await page.getByRole('button', { name: 'New event' }).click();
  await page.getByRole('alert').getByText('nothing was sent').waitFor();
  await boss.context.setOffline(false);
  await page.locator('.offline-bar').waitFor({ state: 'hidden' });
  await openForm(boss);
  await boss.close(/ERR_INTERNET_DISCONNECTED|WebSocket/);
});

test('who is no longer an admin is led back to the list', async () => {
  let send;
  const boss = await open('admin', { before: pretend({ welcome: { is_admin: true }, events: [frame(1)], onSocket: (_, tell) => (send = tell) }) });
  await openForm(boss);
  send({ type: 'welcome', telegram_id: 5, name: 'Ada', is_admin: false, language: 'en', timezone: 'UTC', link: null });
  await boss.card(1).waitFor({ state: 'visible' });
  await boss.page.getByText('Manage').waitFor({ state: 'detached' });
  await boss.close();
});
