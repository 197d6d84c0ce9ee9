import { ORDERS_ABROAD } from './orders-abroad.ts'
import type { PatternPack } from './pattern-pack.ts'

/** What the four mandatory patterns are called in other languages: set aside, new instructions, system command, developer mode. */
const PHRASES: Readonly<Record<string, readonly string[]>> = {
  es: [
    ...each(
      'ignora|ignore|ignorad|ignorar|olvida|olvide|descarta|omite',
      '|todas ',
      'las instrucciones',
      'anteriores|previas',
    ),
    ...each('haz caso omiso de', 'las instrucciones', 'anteriores|previas'),
    ...each('nuevas instrucciones|instrucciones nuevas|comando del sistema|comando de sistema|orden del sistema'),
    ...each('modo', '|de ', 'desarrollador|programador'),
  ],
  fr: [
    ...each(
      'ignore|ignorez|ignorer|oublie|oubliez|oublier',
      '|toutes ',
      'les instructions|les consignes',
      'précédentes|antérieures',
    ),
    ...each('nouvelles instructions|nouvelles consignes|commande système|commande du système|mode développeur'),
  ],
  de: [
    ...each(
      'ignoriere|ignorieren sie|ignoriert|vergiss|vergessen sie|missachte',
      'die|alle',
      'vorherigen|bisherigen|vorigen|früheren',
      'anweisungen|instruktionen',
    ),
    ...each('neue anweisungen|neue instruktionen|systembefehl|systemkommando|entwicklermodus'),
  ],
  pt: [
    ...each('ignore|ignora|esqueça|desconsidere', '|todas ', 'as instruções', 'anteriores|prévias'),
    ...each('novas instruções|comando do sistema|comando de sistema'),
    ...each('modo', '|de |do ', 'desenvolvedor|programador'),
  ],
  it: [
    ...each('ignora|ignorate|ignorare|dimentica', '|tutte ', 'le istruzioni', 'precedenti'),
    ...each('nuove istruzioni|comando di sistema|comando del sistema|modalità sviluppatore|modalita sviluppatore'),
  ],
  nl: [
    ...each('negeer|vergeet', 'de|alle', 'vorige|eerdere|voorgaande', 'instructies'),
    ...each(
      'negeer eerdere instructies|nieuwe instructies|systeemopdracht|systeemcommando|ontwikkelaarsmodus|ontwikkelmodus',
    ),
  ],
  pl: [
    ...each('zignoruj|ignoruj|zapomnij', '|wszystkie ', 'poprzednie|wcześniejsze', 'instrukcje|polecenia'),
    ...each('nowe instrukcje|nowe polecenia|polecenie systemowe|komenda systemowa'),
    ...each('tryb', 'programisty|dewelopera|deweloperski'),
  ],
  ru: [
    ...each('игнорируй|игнорируйте|забудь|забудьте', '|все ', 'предыдущие|прежние', 'инструкции|указания'),
    ...each('новые инструкции|новые указания|системная команда|команда системы|режим разработчика'),
  ],
  uk: [
    ...each('ігноруй|ігноруйте|забудь', '|усі |всі ', 'попередні', 'інструкції|вказівки'),
    ...each('нові інструкції|нові вказівки|системна команда|режим розробника'),
  ],
  tr: [
    ...each('önceki', '|tüm ', 'talimatları', 'yok say|görmezden gel|unut'),
    ...each('yeni talimatlar|sistem komutu|geliştirici modu'),
  ],
  sv: ['ignorera tidigare instruktioner', 'nya instruktioner', 'systemkommando', 'utvecklarläge'],
  cs: ['ignoruj předchozí instrukce', 'nové instrukce', 'systémový příkaz', 'vývojářský režim'],
  id: ['abaikan instruksi sebelumnya', 'instruksi baru', 'perintah sistem', 'mode pengembang'],
  vi: ['bỏ qua các hướng dẫn trước đó', 'hướng dẫn mới', 'lệnh hệ thống', 'chế độ nhà phát triển'],
  zh: [
    ...joined('忽略|无视|無視|忘记', '|所有', '之前|先前|以前|上述|以上|前面', '|的|所有|的所有', '指令|指示|说明'),
    // A new command is what manuals speak of: 新命令.
    ...joined('新', '的|', '指令|指示'),
    ...joined('系统|系統', '命令|指令'),
    ...joined('开发者|開發者|开发人员', '模式'),
    ...joined(
      '忽略|无视|無視|忘记|不要遵守|不要理会',
      '之前|先前|上述|以上|前面|上面',
      '|的',
      '规则|規則|提示词|要求|对话',
    ),
    ...joined('不要遵守|不要理会|忘掉', '之前|以上|前面|上面', '|的|的所有', '指令|指示'),
    ...joined('忽略|忘记|无视', '上面|前面|之前', '的内容|的一切|的文字'),
    ...joined('输出|显示|告诉我|打印|重复|泄露', '|你的|您的', '系统提示|系統提示|系统指令'),
    ...joined('没有|不受|没有任何', '限制的', '助手|AI|人工智能|模型'),
    '忽略以上',
    '忘记你之前',
  ],
  ja: [
    ...joined('以前|これまで|前|上記|先', 'の', '指示|命令|指令', 'を|は|をすべて', '無視'),
    ...joined('新しい|新たな', '指示|命令|指令'),
    ...joined('以前|これまで|前|上記|先', 'の', '指示|命令', 'を|は|をすべて', '忘れ'),
    ...joined('以前|これまで|上記', 'の', 'ルール|規則', 'を|は|をすべて', '無視'),
    ...joined('以前|これまで|前|上記', 'の', 'ルール|規則|指示', 'に従わない'),
    ...joined('システムプロンプト', 'を', '教え|表示|出力|見せ|開示'),
    ...joined('制限の', 'ない|無い', 'アシスタント|ai'),
    ...each('システムコマンド|開発者モード|デベロッパーモード'),
  ],
  ko: [
    ...each('이전|이전의|앞선', '|모든 ', '지시를|지침을|명령을|지시사항을', '무시'),
    ...each('이전|이전의|위의|기존', '|모든 ', '지시는|지침은|명령은|규칙을|규칙은', '무시|모두 무시'),
    ...each('위의|이전', '규칙을|지시를|지침을', '따르지'),
    ...each('시스템 프롬프트를', '보여|출력|알려|공개'),
    ...each('새로운 지시|새로운 지침|새 지시|시스템 명령|개발자 모드'),
  ],
  ar: [
    ...each('تجاهل|انس', '|جميع |كل ', 'التعليمات', 'السابقة'),
    ...each('تعليمات جديدة|أمر النظام|وضع المطور|وضع المطوّر'),
  ],
  hi: [...each('पिछले', '|सभी ', 'निर्देशों को', 'अनदेखा|नज़रअंदाज़|भूल'), ...each('नए निर्देश|सिस्टम कमांड|डेवलपर मोड')],
}

/** Every way to take one of each group of words. A group with its own spaces, such as `|all `, may be left out. */
function each(...groups: readonly string[]): string[] {
  return joined(
    ...groups.map((group, index) =>
      index === groups.length - 1 || group.startsWith('|') ? group : group.replaceAll(/(?=\||$)/g, ' '),
    ),
  )
}

function joined(...groups: readonly string[]): string[] {
  return groups.reduce<string[]>(
    (texts, group) => texts.flatMap((text) => group.split('|').map((word) => text + word)),
    [''],
  )
}

/** In capitals the Turkish letters `ı` and `i` are told apart no longer. */
function spellings(text: string): string[] {
  return text.includes('ı') ? [text, text.replaceAll('ı', 'i')] : [text]
}

/** The mandatory patterns in nineteen other languages. */
export const OTHER_LANGUAGES: PatternPack = {
  id: 'other-languages',
  version: '3',
  action: 'quarantine',
  patterns: Object.entries(PHRASES).flatMap(([language, texts]) =>
    texts.flatMap(spellings).map((text, index) => ({ id: `LANG-${language}-${index + 1}`, text })),
  ),
  phrases: ORDERS_ABROAD,
}
