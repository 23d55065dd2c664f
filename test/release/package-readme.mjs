// @ts-check
// The README as the page of the installed extension can show it. That page loads pictures over https only and resolves no relative
// address; as long as the manifest names no public repository, there is no such address.

const CHECKOUT_ONLY = /<!-- checkout -->[\s\S]*?<!-- \/checkout -->\n*/g;
const IMAGE = /!\[[^\]]*\]\((?!https:)[^)\s]+\)/;
const LINK = /(?<!!)\[([^\]]+)\]\(([^)\s]+)\)/g;
const ADDRESS = /^(https?:|mailto:|#)/;

/**
 * @param {string} readme Markdown
 * @returns {string} without what stands between `<!-- checkout -->` and `<!-- /checkout -->`, without pictures of the repository and
 *   tables of them; links to files of the repository are text
 */
export function packageReadme(readme) {
  return readme
    .replace(CHECKOUT_ONLY, '')
    .split(/\n{2,}/)
    .filter((block) => !IMAGE.test(block))
    .join('\n\n')
    .replace(LINK, (whole, text, path) => (ADDRESS.test(path) ? whole : text === path.split('#')[0] ? `\`${text}\`` : `${text} (\`${path.split('#')[0]}\`)`));
}
