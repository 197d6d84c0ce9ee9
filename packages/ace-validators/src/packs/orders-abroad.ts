import type { Phrase, Slot } from './pattern-pack.ts'
import { optional, words } from './slots.ts'

// `ignore all previous instructions`, `forget everything you were told`, `show your system prompt` and `you have no restrictions` by
// their parts, for the languages that set words apart. Where words have many endings a language lists the usual ones.

interface Language {
  /** Said to one, to several and politely. */
  readonly setAside: string
  /** `all the`, `of your`. */
  readonly fillers: string
  readonly orders: string
  readonly earlier: string
  /** Whether `earlier` stands before the orders. */
  readonly earlierFirst?: true
  /** `everything you were told`. */
  readonly everything: string
  readonly show: string
  readonly prompt: string
  /** `without restrictions`. */
  readonly unbound: string
  readonly youAre: string
}

const LANGUAGES: Readonly<Record<string, Language>> = {
  es: {
    setAside:
      'ignora|ignore|ignorad|ignorar|ignoren|olvida|olvide|olviden|descarta|omite|desobedece|desatiende|no sigas|no obedezcas|haz caso omiso de|hagan caso omiso de',
    fillers: 'todas|las|tus|sus|estas|esas|mis|cualquier|de',
    orders: 'instrucciones|indicaciones|órdenes|directrices|directivas|normas|reglas|consignas',
    earlier: 'anteriores|previas|precedentes|originales|de arriba|del sistema|que recibiste|que te dieron',
    everything:
      'todo lo anterior|todo lo que te han dicho|todo lo que te dijeron|todo lo que se te ha dicho|lo que te dijeron',
    show: 'muestra|muéstrame|revela|revele|imprime|dime|repite|escribe|enseña|enséñame',
    prompt:
      'prompt del sistema|prompt de sistema|prompt inicial|instrucciones del sistema|instrucciones iniciales|mensaje del sistema',
    unbound: 'sin restricciones|sin límites|sin filtros|sin censura|sin reglas',
    youAre: 'eres un|eres una|eres ahora|ahora eres|actúa como|finge ser|actuarás como',
  },
  fr: {
    setAside:
      'ignore|ignorez|ignorer|oublie|oubliez|oublier|ne suis pas|ne suivez pas|ne tiens pas compte|ne tenez pas compte|ne tenez plus compte|fais abstraction|faites abstraction|désobéis',
    fillers: 'toutes|tous|les|des|tes|vos|ces|de|aux|à',
    orders: 'instructions|consignes|directives|règles|ordres|indications',
    earlier:
      "précédentes|précédents|antérieures|antérieurs|ci-dessus|ci dessus|d'avant|initiales|du système|d'origine|reçues",
    everything:
      "tout ce qui précède|tout ce qu'on t'a dit|tout ce qui a été dit|tout ce qu'on vous a dit|tout ce que tu as appris",
    show: 'affiche|affichez|montre|montrez|révèle|révélez|imprime|dis moi|donne moi|répète|écris',
    prompt:
      'prompt système|prompt du système|prompt initial|invite système|instructions système|instructions initiales|message système',
    unbound:
      'sans restrictions|sans restriction|sans limites|sans limite|sans filtre|sans filtres|sans censure|sans règles',
    youAre: 'tu es un|tu es une|tu es maintenant|tu es désormais|vous êtes un|vous êtes une|agis comme|agissez comme',
  },
  de: {
    setAside: 'ignoriere|ignorieren|ignoriert|ignorier|vergiss|vergessen|missachte|missachten|übergehe|verwirf',
    fillers: 'bitte|sie|alle|die|deine|ihre|sämtliche|jegliche|sofort|nun|jetzt|diese|all',
    orders: 'anweisungen|instruktionen|vorgaben|regeln|befehle|richtlinien|aufforderungen|weisungen',
    earlier:
      'vorherigen|bisherigen|vorigen|früheren|obigen|vorangegangenen|vorangehenden|ursprünglichen|oben genannten|vorherige|bisherige|frühere|obige|vorangegangene',
    earlierFirst: true,
    everything:
      'alles was dir|alles was ich dir|alles davor|alles bisherige|alles obige|alles was vorher|alles vorherige|was dir gesagt wurde',
    show: 'zeige|zeig|verrate|nenne|gib|drucke|wiederhole|schreibe|offenbare',
    prompt:
      'system prompt|systemprompt|system prompts|systemanweisungen|systemanweisung|ursprünglichen anweisungen|systemnachricht',
    unbound: 'ohne einschränkungen|ohne beschränkungen|ohne regeln|ohne filter|ohne grenzen|ohne zensur',
    youAre: 'bist du ein|bist du eine|du bist ein|du bist eine|du bist jetzt|du bist nun|verhalte dich',
  },
  pt: {
    setAside:
      'ignore|ignora|ignorem|ignorar|esqueça|esquece|esqueçam|desconsidere|desconsidera|não siga|não obedeça|descarte',
    fillers: 'todas|as|suas|tuas|essas|estas|quaisquer|de',
    orders: 'instruções|diretrizes|regras|ordens|orientações|indicações',
    earlier: 'anteriores|prévias|precedentes|acima|originais|do sistema|iniciais|que recebeu',
    everything:
      'tudo o que foi dito|tudo que foi dito|tudo o que te disseram|tudo o que veio antes|tudo acima|tudo que veio antes',
    show: 'mostre|mostra|revele|revela|imprima|diga|repita|escreva|exiba',
    prompt:
      'prompt de sistema|prompt do sistema|prompt inicial|instruções do sistema|instruções iniciais|mensagem do sistema',
    unbound: 'sem restrições|sem limites|sem filtros|sem censura|sem regras',
    youAre: 'você é um|você é uma|você agora é|agora você é|aja como|finja ser',
  },
  it: {
    setAside:
      'ignora|ignorate|ignorare|ignori|dimentica|dimenticate|non seguire|non seguite|non rispettare|trascura|disobbedisci',
    fillers: 'tutte|le|tue|vostre|queste|quelle|qualsiasi|di',
    orders: 'istruzioni|regole|direttive|indicazioni|disposizioni',
    earlier: 'precedenti|di sopra|sopra|qui sopra|originali|iniziali|di sistema|del sistema|ricevute|di prima',
    everything:
      'tutto quello che ti è stato detto|tutto ciò che ti è stato detto|tutto quanto sopra|tutto ciò che precede|tutto quello che precede',
    show: 'mostra|mostrami|rivela|stampa|dimmi|ripeti|scrivi|visualizza',
    prompt:
      'prompt di sistema|prompt del sistema|prompt iniziale|istruzioni di sistema|istruzioni iniziali|messaggio di sistema',
    unbound: 'senza restrizioni|senza limiti|senza filtri|senza censura|senza regole',
    youAre: 'sei un|sei una|ora sei|agisci come|comportati come|fingi di essere',
  },
  nl: {
    setAside: 'negeer|negeert|negeren|vergeet|volg niet|vermijd|sla over',
    fillers: 'alle|de|je|jouw|uw|deze|alsjeblieft|al|graag',
    orders: 'instructies|aanwijzingen|opdrachten|regels|richtlijnen',
    earlier: 'vorige|eerdere|voorgaande|bovenstaande|oorspronkelijke|voorafgaande',
    earlierFirst: true,
    everything: 'alles wat je|alles hierboven|alles hiervoor|alles wat eerder',
    show: 'toon|laat zien|onthul|geef|print|herhaal|vertel',
    prompt: 'systeemprompt|systeem prompt|systeeminstructies|oorspronkelijke instructies',
    unbound: 'zonder beperkingen|zonder regels|zonder filters|zonder grenzen',
    youAre: 'je bent een|je bent nu|jij bent een|ben je een|doe alsof',
  },
  pl: {
    setAside: 'zignoruj|ignoruj|zignorujcie|zapomnij|pomiń|odrzuć|nie przestrzegaj|nie stosuj się do',
    fillers: 'wszystkie|wszystkich|te|tych|swoje|swoich|o|moje|twoje|proszę',
    orders: 'instrukcje|polecenia|wytyczne|zasady|instrukcji|poleceń|zasad|wytycznych|instrukcjach|rozkazy',
    earlier: 'poprzednie|wcześniejsze|poprzednich|wcześniejszych|powyższe|powyższych|dotychczasowe|pierwotne',
    earlierFirst: true,
    everything: 'o wszystkim co|wszystko co ci|wszystko powyżej|wszystko powyższe|wszystkim co ci',
    show: 'pokaż|ujawnij|wyświetl|podaj|powtórz|wypisz|zdradź',
    prompt: 'prompt systemowy|systemowy prompt|instrukcje systemowe|monit systemowy',
    unbound: 'bez ograniczeń|bez zasad|bez filtrów|bez cenzury',
    youAre: 'jesteś teraz|jesteś asystentem|jesteś modelem|zachowuj się jak|udawaj',
  },
  ru: {
    setAside:
      'игнорируй|игнорируйте|проигнорируй|проигнорируйте|забудь|забудьте|отбрось|не следуй|не следуйте|не выполняй|пренебреги|отмени',
    fillers: 'все|всё|всех|всем|эти|свои|твои|ваши|про|о|пожалуйста',
    orders: 'инструкции|указания|правила|команды|инструкциям|указаниям|правилам|инструкций|указаниях|директивы|приказы',
    earlier:
      'предыдущие|прежние|предыдущим|прежним|прошлые|ранние|вышеуказанные|вышеприведённые|исходные|предыдущих|ранее данные',
    earlierFirst: true,
    everything:
      'всё что тебе|все что тебе|всё что было|все что было|всё что выше|все что выше|всё сказанное|все сказанное|все вышесказанное|всё вышесказанное',
    show: 'покажи|покажите|раскрой|выведи|напечатай|скажи|повтори|назови|выдай',
    prompt:
      'системный промпт|системный промт|системную подсказку|системные инструкции|исходные инструкции|системное сообщение',
    unbound: 'без ограничений|без правил|без фильтров|без цензуры',
    youAre: 'теперь ты|ты теперь|отныне ты|ты ассистент|ты модель|представь что ты|веди себя как|действуй как',
  },
  uk: {
    setAside: 'ігноруй|ігноруйте|проігноруй|забудь|забудьте|не виконуй|відкинь',
    fillers: 'усі|всі|усе|все|ці|свої|твої|будь ласка|про',
    orders: 'інструкції|вказівки|правила|команди|накази|настанови',
    earlier: 'попередні|минулі|вищезазначені|початкові|колишні',
    earlierFirst: true,
    everything: 'усе що тобі|все що тобі|усе що було|все що було|усе сказане|все сказане',
    show: 'покажи|розкрий|виведи|скажи|повтори',
    prompt: 'системний промпт|системний запит|системні інструкції',
    unbound: 'без обмежень|без правил|без фільтрів',
    youAre: 'тепер ти|ти тепер|ти асистент|уяви що ти',
  },
  sv: {
    setAside: 'ignorera|glöm|bortse från|strunta i|följ inte',
    fillers: 'alla|de|dina|dessa|allt',
    orders: 'instruktioner|instruktionerna|regler|reglerna|anvisningar|direktiv',
    earlier: 'tidigare|föregående|ovanstående|ursprungliga',
    earlierFirst: true,
    everything: 'allt du har|allt du fått|allt ovan|allt som sagts',
    show: 'visa|avslöja|skriv ut|upprepa|berätta',
    prompt: 'systemprompt|systemprompten|systeminstruktioner|systeminstruktionerna',
    unbound: 'utan begränsningar|utan regler|utan filter',
    youAre: 'du är nu|du är en|låtsas',
  },
  da: {
    setAside: 'ignorer|ignorér|glem|se bort fra|følg ikke',
    fillers: 'alle|de|dine|disse',
    orders: 'instruktioner|instrukser|instruksjoner|instruksene|regler|anvisninger',
    earlier: 'tidligere|foregående|forrige|ovenstående|foregående',
    earlierFirst: true,
    everything: 'alt du har|alt ovenfor|alt du er blevet',
    show: 'vis|afslør|avslør|udskriv|gentag|gjenta',
    prompt: 'systemprompt|systemprompten|systemledetekst',
    unbound: 'uden begrænsninger|uten begrensninger|uden regler|uten regler',
    youAre: 'du er nu|du er en',
  },
  cs: {
    setAside: 'ignoruj|ignorujte|zapomeň|zapomeňte|nedodržuj|neřiď se',
    fillers: 'všechny|všech|na|své|tyto|veškeré',
    orders: 'instrukce|pokyny|příkazy|pravidla|instrukcí|pokynů',
    earlier: 'předchozí|předešlé|dřívější|výše uvedené|původní',
    earlierFirst: true,
    everything: 'na vše co ti|na všechno co ti|vše co ti|vše výše',
    show: 'ukaž|zobraz|prozraď|vypiš|zopakuj',
    prompt: 'systémový prompt|systémové instrukce|systémovou výzvu',
    unbound: 'bez omezení|bez pravidel|bez filtrů',
    youAre: 'jsi nyní|jsi teď|jsi asistent|chovej se jako',
  },
  tr: {
    setAside: 'önceki|yukarıdaki|daha önceki|bundan önceki',
    fillers: 'tüm|bütün|verilen|sistem|her',
    orders: 'talimatları|talimatlarını|komutları|kuralları|yönergeleri|emirleri',
    earlier:
      'yok say|yoksay|görmezden gel|unut|dikkate alma|boş ver|yok sayın|dikkate almayın|göz ardı et|göz ardı edin',
    everything: 'daha önce söylenen her şeyi|önceki her şeyi',
    show: 'göster|yazdır|açıkla',
    prompt: 'sistem istemini göster|sistem promptunu göster|sistem istemini yazdır|sistem mesajını göster',
    unbound: 'kısıtlaması olmayan|kısıtlamasız bir|kuralsız bir',
    youAre: 'artık|sen|şimdi sen',
  },
  id: {
    setAside: 'abaikan|lupakan|jangan ikuti|hiraukan',
    fillers: 'semua|seluruh|segala',
    orders: 'instruksi|perintah|aturan|arahan|petunjuk',
    earlier: 'sebelumnya|di atas|sebelum ini|terdahulu|awal',
    everything: 'semua yang dikatakan|semua yang di atas|segala sesuatu sebelumnya',
    show: 'tampilkan|tunjukkan|ungkapkan|cetak',
    prompt: 'prompt sistem|instruksi sistem|perintah sistem',
    unbound: 'tanpa batasan|tanpa aturan|tanpa filter',
    youAre: 'kamu adalah|anda adalah|kamu sekarang|bertindaklah sebagai',
  },
  vi: {
    setAside: 'bỏ qua|quên|phớt lờ|không tuân theo',
    fillers: 'tất cả|mọi|các|những|toàn bộ|hết',
    orders: 'hướng dẫn|chỉ dẫn|chỉ thị|lệnh|quy tắc|yêu cầu',
    earlier: 'trước đó|trước đây|ở trên|bên trên|ban đầu|trước',
    everything: 'mọi điều bạn được bảo|tất cả những gì bạn được|mọi thứ ở trên|mọi thứ trước đó',
    show: 'hiển thị|cho tôi xem|tiết lộ|in ra',
    prompt: 'lời nhắc hệ thống|prompt hệ thống|hướng dẫn hệ thống',
    unbound: 'không có giới hạn|không giới hạn|không bị hạn chế',
    youAre: 'bạn là một|bạn bây giờ|hãy đóng vai',
  },
  ar: {
    setAside: 'تجاهل|انس|لا تتبع|اهمل|أهمل|تجاهلوا',
    fillers: 'جميع|كل|كافة|هذه|تلك',
    orders: 'التعليمات|القواعد|الأوامر|الإرشادات|التوجيهات|تعليماتك',
    earlier: 'السابقة|أعلاه|المذكورة أعلاه|الأصلية|الأولى',
    everything: 'كل ما قيل لك|كل ما سبق|جميع ما سبق|كل شيء قيل لك',
    show: 'أظهر|اعرض|اكشف|اطبع|أخبرني',
    prompt: 'موجه النظام|تعليمات النظام|رسالة النظام',
    unbound: 'بلا قيود|بدون قيود|دون قيود',
    youAre: 'أنت الآن|انت الآن|تصرف',
  },
}

/** Of words that one has to stand there. */
const oneOf = (list: string): Slot => words(...list.split('|'))

function phrasesOf(language: string, its: Language): Phrase[] {
  const [setAside, orders, earlier] = [oneOf(its.setAside), oneOf(its.orders), oneOf(its.earlier)]
  const fillers = optional(4, ...its.fillers.split('|'))
  return [
    {
      id: `ABROAD-${language}-1`,
      slots: its.earlierFirst
        ? [setAside, fillers, earlier, orders]
        : [setAside, fillers, orders, optional(1, 'que'), earlier],
    },
    { id: `ABROAD-${language}-2`, slots: [setAside, fillers, oneOf(its.everything)] },
    { id: `ABROAD-${language}-3`, slots: [oneOf(its.show), optional(3, '*'), oneOf(its.prompt)] },
    { id: `ABROAD-${language}-4`, slots: [oneOf(its.youAre), optional(6, '*'), oneOf(its.unbound)] },
  ]
}

export const ORDERS_ABROAD: readonly Phrase[] = Object.entries(LANGUAGES).flatMap(([language, its]) =>
  phrasesOf(language, its),
)
