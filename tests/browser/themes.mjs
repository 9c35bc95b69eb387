/** A link that brings a theme along, as Telegram's links do. */
export function themed(link, theme) {
  const url = new URL(link);
  const hash = new URLSearchParams(url.hash.slice(1));
  hash.set('tgWebAppThemeParams', JSON.stringify(theme));
  url.hash = hash.toString().replaceAll('+', '%20');
  return url.href;
}
