/** What UTS #39 and NFKD leave out: small capitals, enclosed letters, letters turned or struck through, flags. */
const ROWS = `
  a ᴀɐɑ∂α  b ʙɓ  c ᴄɔ¢  d ᴅɖɗδ  e ᴇəɘєε  f ꜰƒ  g ɢɡɠ  h ʜɦ  i ɪɨιı  j ᴊʝ  k ᴋκ  l ʟɭł  m ᴍɱμм
  n ɴɲŋηп  o ᴏøσο  p ᴘρþ  q ǫ  r ʀɹгя  s ꜱʂѕς  t ᴛτт  u ᴜʊυ  v ᴠʋνѵ  w ᴡωѡш  x χ×  y ʏγу¥  z ᴢʐ
`

/** Letters with hooks, tails and strokes, which have no decomposition, and signs that look like an `o`. */
const HOOKED = `
  a ⱥᶏ  b ᵬᶀꞗ  c ƈɕᶝꞓꞔ𝼝  d ȡᵭᶁᶑꟈ𐞍🆥  e ᶒⱸꬴ  f ᶂ  g ʛꞡꬶ  h ⱨꞕ  i ᶖ𝼚  j ȷɟʄᶨ
  k ᶄⱪꝁꝃꝅꞣ  l ŀȴɬᴌᶅᶪⱡꝉꞎꬷꬸꬹꭝ𐞛𐞝𝼄𝼑𝼓  m ᶆꬺ  n ȵᶇᶮꞑꞥꬻ  o ⱺꝍ𝼛ంಂംං  p ᵱᶈ℘ꝑꝓꝕ🆊  q ɋꝗꝙꞯ  r ɾᵳᶉꞧꭆꭉꭋꭌ𐞩𝼖  s ȿᶊꞩꟊ𐞺𝼞🄪
  t ƫȶʈᶵⱦ𐞯𝼉  u ᶙꞹ  v ⱱⱴꝟ𐞰Ʋᶌᶹ  w ⱳ  x ᶍꭖꭗꭘꭙ  z ɀʑᶎᶽⱬ
`

/** Turned round, and as they were written in Ireland. */
const TURNED = `
  d ðꝺ  e ǝɛɜᴈ∃  f ꝼ  g ᵷᵹ  h ɥ  i ᴉ  k ʞ  l ꞁꝇ  r ɹɺɿʁᴙꞃ  s ꞅ  t ʇꞇ  u ʉᴝ  v ʌɅ  w ʍ  y ʎ  a ɐⱯ∀Λ
`

export const LOOK_ALIKES: ReadonlyMap<string, string> = new Map([
  ...pairs(ROWS),
  ...pairs(HOOKED),
  ...pairs(TURNED),
  ...alphabetFrom(0x1f1e6),
  ...alphabetFrom(0x249c),
  ...alphabetFrom(0x1f110),
  ...alphabetFrom(0x1f130),
  ...alphabetFrom(0x1f150),
  ...alphabetFrom(0x1f170),
])

function pairs(rows: string): [string, string][] {
  const words = rows.trim().split(/\s+/)
  return words.flatMap((letter, index): [string, string][] =>
    index % 2 === 0 ? Array.from(words[index + 1] ?? '', (character): [string, string] => [character, letter]) : [],
  )
}

/** Flags, and letters in squares and circles, which stand in the order of the alphabet. */
function alphabetFrom(start: number): [string, string][] {
  return Array.from({ length: 26 }, (_, index) => [
    String.fromCodePoint(start + index),
    String.fromCharCode(0x61 + index),
  ])
}
