"""What a reply says that names nothing: a refusal, in whatever words and language, or that nothing differs.

A list is refused if the speaker refuses anywhere in it. A description only where it begins with a refusal or gives up:
whoever describes a dark image may say what cannot be seen in it.
"""

import re

_IMAGES = r"(?:images?|pictures?|photos?|files?|attachments?)"
_CAN_NOT = r"(?:can(?:no|['’])?t|can not|could(?: not|n['’]t))"
_REFUSED_ACT = (
    r"(?:assist|help|comply|provide|answer|respond|describe|view|see|open|access|load|analy[sz]e|identify|"
    r"recogni[sz]e|fulfil\w*|compare|determine|process|complete|continue|discuss|evaluate|assess|generate)\b"
)
_SEEING = (
    r"(?:see|find|detect|notice|discern|spot|perceive|identify|make out)\b[^.,;\n]*\b(?:differ|chang|distinc)"
)
"""Who cannot see a difference refuses nothing."""
_FIRST_PERSON = re.compile(
    r"\b(?:i|we)(?:(?:['’]m| am|['’]re| are) (?:(?:so|very|really|truly|deeply) )?"
    rf"(?:sorry|afraid|(?:unable|not able)(?! to {_SEEING})|"
    r"not (?:allowed|permitted|authori[sz]ed|comfortable|capable))|"
    rf" (?:{_CAN_NOT}|won['’]t|will not|was unable|was(?: not|n['’]t) able)(?! {_SEEING})|"
    r" (?:regret|apologi[sz]e|decline|refuse|(?:must|have to|need to|would rather) (?:decline|refuse|not))\b|"
    r"['’]d rather not\b|"
    rf" (?:do|did)(?: not|n['’]t) (?:(?:actually|currently) )?(?:see (?:any |the |your )?{_IMAGES}\b|receive|"
    rf"have (?:access|the ability|permission|(?:any )?{_IMAGES}\b)|feel comfortable)|"
    rf" (?:see|have|received|got) no {_IMAGES}\b)|"
    r"\bas an? (?:ai\b|(?:large )?language model|assistant)[^.\n]{0,80}(?:\bno\b|\bnot\b|n['’]t\b|\bunable\b)|"
    r"\b(?:content|usage|safety) polic\w+|"
    r"\bagainst (?:(?:my|our) (?:\w+ )?|the )(?:polic\w+|rules?|guidelines?|terms|programming|principles|law)\b",
    re.IGNORECASE,
)
"""Nobody but the speaker refuses: what cannot be seen in an image is a trait of it."""
_REFUSING_START = re.compile(
    r"(?:sorry(?=\s*(?:[^\w\s]|$|but\b|about\b|for\b|i\b|we\b|no\b|that\b|can))|"
    r"(?:my |our )?(?:sincere |deepest )?apologies\b|"
    rf"(?:{_CAN_NOT}|(?:unable|not able|refus\w+|declin\w+) to)(?! {_SEEING}) {_REFUSED_ACT}|"
    r"(?:this|that|the|your|such|these) (?:request|prompt|question|task|query|content|comparison|image)s? "
    rf"(?:{_CAN_NOT}|may not|will not) be (?:completed|processed|fulfilled|answered|handled|displayed|loaded|"
    r"shown|analy[sz]ed|compared|accessed|opened|viewed|described(?! as))\b|"
    r"(?:this|that|it|your request|the request) (?:goes|is|would be|violates|would violate|may violate) "
    r"(?:against )?(?:(?:my|our|the) )(?:\w+ )?(?:polic\w+|rules?|guidelines?|terms|programming|principles)\b|"
    r"(?:this|that|it)(?:['’]s| is| was) (?:not (?:possible|allowed|permitted)|impossible|forbidden|prohibited)"
    r"(?=\s*(?:[^\w\s]|$|for me\b))|"
    r"(?:your |the |this |that )?(?:request|content|prompt|query|response|access|image|input|output|permission)s? "
    r"(?:(?:was|were|is|are|has been|have been) )?(?:denied|blocked|declined|refused|rejected|flagged|filtered|"
    r"forbidden|prohibited|withheld|not (?:allowed|permitted|supported))"
    r"(?=\s*(?:[^\w\s]|$|due\b|because\b|by (?:\w+ ){0,3}(?:filter|polic|moderation|safety|system)))|"
    rf"no {_IMAGES} (?:(?:was|were|is|are|has been|have been|could be) )?(?:attached|provided|found|available|"
    r"received|uploaded|visible|detected|given|shared|loaded|included|supplied|came|seen|present)\b|"
    rf"(?:(?:the|your|this|these|both|any) )?{_IMAGES} (?:(?:is|are|was|were|has|have|did|does|do|could|can)"
    r"(?: not|n['’]t|not)|not) (?:be(?:en)? )?(?:available|attached|provided|found|load(?:ed)?|received|accessible|"
    r"upload(?:ed)?|included|displayed|come through|processed|opened|accessed|retrieved)\b|"
    rf"(?:(?:the|your|this|these|both) )?{_IMAGES} (?:(?:is|are|was|were) )?(?:unavailable|missing|failed)"
    r"(?=\s*(?:[^\w\s]|$|to load))|"
    r"error\W{0,2}\s*(?:\d+)?\s*:(?!\W*(?:null|none|false|\W*$)))",
    re.IGNORECASE,
)
"""How a sentence begins that refuses without saying who."""
_OPENING = re.compile(
    r"(?:[\W_]|\b(?:unfortunately|regrettably|sadly|alas|however|but|well|oh|hmm|hello|hi|okay|ok|"
    r"thank(?:s| you)(?: for [^.!?,\n]{0,60})?|i (?:understand|appreciate)[^.!?,;\n]{0,80}?(?=[.!?,;\n]| but\b)|"
    r"it (?:seems|looks|appears)(?: like| that)?)\b)+",
    re.IGNORECASE,
)
"""Courtesies before the point is made."""
_GIVING_UP = re.compile(
    r"(?:(?:^|[.!?\n]\s*)(?:(?:however|but|unfortunately)[, ]+)?i(?:['’]m| am) (?:very |so )?sorry\b|"
    rf"(?:^|[.!?,;\n—–]\s*)(?:(?:but|so|and|however|therefore|unfortunately)[, ]+)*i (?:{_CAN_NOT}|won['’]t|"
    r"will not|am unable to|am not able to|must decline to) (?:assist|help|comply|describe|compare|analy[sz]e|"
    r"fulfil\w*|process|continue|discuss|answer)\b)",
    re.IGNORECASE,
)
"""Where a description ends in a refusal, whatever it began with."""
_REFUSED = re.compile(
    r"(?:not|im)[ -]?possible|(?:access )?denied|(?:not )?(?:allowed|permitted|available)|blocked|declined|refused|"
    r"rejected|forbidden|unavailable|no comment|"
    r"(?:das )?(?:ist |geht )?(?:leider )?(?:nicht(?: möglich| erlaubt)?|unmöglich|verweigert|abgelehnt)|"  # German
    r"(?:c['’]est )?(?:impossible|refusé|interdit|pas possible)|"  # French
    r"imposible|denegad[oa]|rechazad[oa]|prohibido|"  # Spanish
    r"impossibile|rifiutat[oa]|negat[oa]|impossível|negad[oa]|recusad[oa]|"  # Italian, Portuguese
    r"отказ|невозможно|запрещено|недоступно|"  # Russian
    r"(?:拒绝|拒絕)(?:回答|提供|描述|协助)?|不可以|不行|不能|拒否|不可|不可能|不可能です|無理です|거부|불가|불가능|불가능합니다",
    re.IGNORECASE,
)
"""Words that refuse if they are the first sentence."""
_FOREIGN_REFUSAL = re.compile(
    r"\b(?:tut mir (?:\w+ )?leid|entschuldig(?:ung|en sie)|verzeihung|"  # German
    r"ich (?:kann|darf)\b[^.\n]*\bnicht\b|(?:kann|darf) ich\b[^.\n]*\bnicht\b|ich bin nicht (?:in der lage|befugt)|"
    r"ich (?:sehe|habe) (?:hier )?keine bilder|keine bilder (?:vorhanden|erhalten|gefunden|angehängt)|"
    r"(?:anfrage|zugriff|inhalt) (?:wurde )?(?:abgelehnt|verweigert|blockiert)|"
    r"d[ée]sol[ée]e?s?|je ne (?:peux|puis) (?:pas|ni)|je ne suis pas (?:en mesure|capable|autorisée?)|"  # French
    r"je ne vois (?:pas d['’]|aucune )images?|aucune image (?:fournie|reçue|jointe)|il m['’]est impossible|"
    r"impossible (?:de|d['’])\W*(?:répondre|comparer|traiter|aider|analyser|fournir)|je (?:refuse|regrette)|"
    r"ce n['’]est pas possible|demande (?:refusée|rejetée)|accès refusé|"
    r"lo (?:siento|lamento)|no (?:puedo|podemos)|no (?:me )?es posible|me es imposible|no se puede|"  # Spanish
    r"no (?:veo|hay) (?:ninguna )?im[aá]gen(?:es)?|(?:solicitud|acceso|petición) (?:denegad|rechazad)[oa]|"
    r"mi (?:di)?spiace|non (?:posso|possiamo)|non (?:mi )?è possibile|richiesta (?:negata|rifiutata)|"  # Italian
    r"desculp[ea]|lamento|sinto muito|não (?:posso|consigo)|não é possível|"  # Portuguese
    r"извините|простите|я не (?:могу|смогу|вижу изображени\w+)|не (?:могу|смогу) (?:помочь|ответить|сравнить)|"
    r"отказан[оа]?|отклон[её]н[оа]?|изображени[йя] не (?:найден|загру|прикреп)\w+)\b|"  # Russian
    r"抱歉|对不起|對不起|"  # Chinese
    r"我(?:无法|無法|不能|拒绝|拒絕|没有?办法)|(?:请求|請求|内容)(?:已)?被(?:拒|屏蔽|拦截)|"
    r"(?:无法|無法|不能)(?:为您|为你|對此|对此)?(?:回答|回應|回应|提供|协助|協助|帮|幫|处理|處理|比较|比較|完成|满足|"
    r"查看|访问|加载|分析|描述)|(?:没有?|未)(?:看到|收到)(?:任何)?(?:图|圖)|(?m:^[^\w\n]*(?:无法|無法))|"
    r"申し訳|すみません|ごめんなさい|かねます|お断り|(?m:^[^\w\n]*できません)|"  # Japanese
    r"(?:応え|答え|対応|回答|手伝い|提供|比較|説明|描写|分析|支援|協力|処理|応じることが|すること[はが])でき(?:ません|ない)|"
    r"画像[がは](?:見え|あり|届いてい|添付されてい|読み込め)(?:ません|ない)|"
    r"죄송|할 수 없습니다|(?:도와|답변|제공|비교|설명|분석|처리)[^.\n]{0,8}수 없습니다|"  # Korean
    r"이미지가 (?:없|보이지)",
    re.IGNORECASE,
)
_FURTHER_REFUSAL = re.compile(
    r"\b(?:het spijt me|helaas|ik kan (?:dit|dat|deze|hier|je|u|geen)\b[^.\n]*|ik kan [^.\n]*\bniet\b|"  # Dutch
    r"przepraszam|przykro mi|niestety|nie (?:mogę|jestem w stanie|można)|"  # Polish
    r"tyvärr|förlåt|jag kan inte|kan jag inte|"  # Swedish
    r"beklager|desværre|dessverre|(?:jeg kan|kan jeg) ikke|"  # Danish, Norwegian
    r"valitettavasti|pahoittelen|en (?:voi|pysty) |"  # Finnish
    r"üzgünüm|maalesef|özür dilerim|"  # Turkish
    r"(?:yardımcı ol|cevapla|yanıtla|yap|gör|et|karşılaştır)\w{0,4}(?:amam|emem|amıyorum|emiyorum)|"
    r"xin lỗi|rất tiếc|tôi không thể|không thể (?:giúp|trả lời|so sánh|xem)|"  # Vietnamese
    r"maaf|mohon maaf|"  # Indonesian, Malay
    r"(?:saya )?(?:tidak|tak) (?:bisa|dapat|boleh) (?:membantu|melihat|menjawab|membandingkan)|"
    r"вибачте|на жаль|перепрошую|(?:я )?не можу (?:допомогти|відповісти|порівняти)|"  # Ukrainian
    r"съжалявам|за съжаление|не мога да|нажалост|жао ми је|не могу да|"  # Bulgarian, Serbian
    r"omlouvám se|bohužel|je mi líto|nemohu|nemůžu|prepáčte|ospravedlňujem sa|bohužiaľ|nemôžem|"  # Czech, Slovak
    r"λυπάμαι|συγγνώμη|δυστυχώς|δεν μπορώ|"  # Greek
    r"sajnálom|sajnos|elnézést|nem tudok|nem tudom|"  # Hungarian
    r"îmi pare rău|din păcate|nu pot|nu sunt în măsură|"  # Romanian
    r"ho sento|ho lamento|no puc|malauradament|"  # Catalan
    r"žao mi je|nažalost|ne mogu|ne morem|"  # Croatian, Slovene
    r"kahjuks|vabandust|ma ei saa|atsiprašau|negaliu|atvainojiet|diemžēl|nevaru)\b|"  # Estonian, Lithuanian, Latvian
    r"عذر[اًا]|آسف|أعتذر|للأسف|لا (?:أستطيع|يمكنني|أقدر)|لا يمكن (?:المساعدة|مقارنة)|"  # Arabic
    r"متأسف|متاسف|ببخشید|پوزش|نمی ?\u200c?توانم|معذرت|معاف کیجی?ے|نہیں کر سکتا|"  # Persian, Urdu
    r"מצטער|סליחה|לצערי|(?:אני|אנו) לא (?:יכול|מסוגל)|אינני יכול|"  # Hebrew
    r"क्षमा करें|माफ़? ?करें|खेद है|नहीं कर सकत|असमर्थ|"  # Hindi
    r"দুঃখিত|ক্ষমা করবেন|পারছি না|পারব না|மன்னிக்க|முடியாது|క్షమించండి|"  # Bengali, Tamil, Telugu
    r"ขออภัย|ขอโทษ|เสียใจด้วย|ไม่สามารถ(?:ช่วย|ตอบ|เปรียบเทียบ|ดู|ให้)|"  # Thai
    r"ბოდიში|სამწუხაროდ|ներողություն|ցավոք",  # Georgian, Armenian
    re.IGNORECASE | re.MULTILINE,
)
_ASKS_FOR_IMAGES = re.compile(
    rf"(?:^|[.!?\n]\s*)(?:(?:sure|of course|okay|ok|certainly)[,.! ]+)?(?:(?:could|can|would|will) you (?:please )?|"
    r"please (?:go ahead and )?|kindly )(?:upload|provide|share|attach|send|resend|re-?upload|show|give|paste|"
    rf"include)\b[^.!?\n]{{0,60}}\b{_IMAGES}|"
    rf"\b(?:i|we)(?:['’]ll| will|['’]d| would)? need (?:to see |you to \w+ )?(?:(?:the|both|your) )*{_IMAGES}\b|"
    r"\b(?:i am|i['’]m|as) an? (?:purely )?(?:text|language)[ -](?:only|based)\b|"
    r"\bi only (?:process|understand|work with|handle|support) text\b",
    re.IGNORECASE,
)
"""Whoever asks for the images saw none."""
_REGRET = re.compile(
    r"^[^\w\n]*(?:leider|bedauerlicherweise|malheureusement|hélas|lamentablemente|desafortunadamente|desgraciadamente|"
    r"purtroppo|infelizmente|lamentavelmente|к сожалению|увы|很遗憾|很遺憾|遗憾的是|残念ながら|유감|안타깝)",
    re.IGNORECASE | re.MULTILINE,
)
_NO_DIFFERENCE = re.compile(
    r"\b(?:no|not any|without(?: any)?|aren['’]t any|isn['’]t any)\b[^,;\n]*"
    r"\b(?:differ\w*|chang\w*|distinction\w*)|"
    rf"(?:{_CAN_NOT}|unable to|not able to|do not|don['’]t) {_SEEING}|"
    r"\bidentical\b|\bindistinguishable\b|\b(?:look|are|is|nearly|almost|exactly|essentially) the same\b|"
    r"^[^\w\n]*(?:none|nothing\b.*|n/?a|null|nil|unknown|same|the same|no)[^\w\n]*$|"
    r"\b(?:do not|don['’]t|does not) differ\b",
    re.IGNORECASE | re.MULTILINE,
)
_FOREIGN_NO_DIFFERENCE = re.compile(
    r"\bkeine?n? (?:\w+ )?unterschiede?\b|\baucune? (?:\w+ )?différence|\bpas de différence|"
    r"\b(?:sin|ninguna|no hay) (?:\w+ )?diferencias?\b|\bnessuna differenza|\b(?:sem|nenhuma) diferenças?\b|"
    r"\bнет (?:\w+ )?(?:различий|разницы)|"
    r"没有(?:明显)?(?:区别|差异|差别|不同)|無差異|違い(?:は|が)(?:ありません|ない)|"
    r"차이가 없",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s*|\n+")
_EDGES = " \t\n\"'“”‘’«»`*_~[]{}<>().!?:…,;。！？"


def refuses(text: str) -> bool:
    """Whether an answer to a question for a list, or one item of it, refuses.

    >>> refuses("Unfortunately, I couldn't load the images"), refuses("high contrast against the sky")
    (True, False)
    """
    sentences = _sentences(text)
    return (
        any(
            said.search(text)
            for said in (_FIRST_PERSON, _FOREIGN_REFUSAL, _FURTHER_REFUSAL, _ASKS_FOR_IMAGES)
        )
        or any(_begins_refusing(sentence) for sentence in sentences)
        or _is_curt(sentences)
    )


def refuses_to_describe(text: str) -> bool:
    """Whether a caption or description is none.

    >>> refuses_to_describe("I cannot describe this."), refuses_to_describe("So dark that I cannot see details.")
    (True, False)
    """
    sentences = _sentences(text)
    first = sentences[0] if sentences else ""
    return (
        bool(_FIRST_PERSON.match(first) or _GIVING_UP.search(text) or _ASKS_FOR_IMAGES.search(first))
        or any(said.search(first) for said in (_FOREIGN_REFUSAL, _FURTHER_REFUSAL))
        or _begins_refusing(first)
        or _is_curt(sentences)
    )


def says_no_difference(text: str) -> bool:
    """Whether a text says that nothing differs."""
    return bool(_NO_DIFFERENCE.search(text) or _FOREIGN_NO_DIFFERENCE.search(text))


def _sentences(text: str) -> list[str]:
    """The sentences of a text without the courtesies that they open with."""
    opened = (
        sentence[m.end() :] if (m := _OPENING.match(sentence)) else sentence
        for sentence in _SENTENCE_END.split(text)
    )
    return [sentence for sentence in opened if sentence]


def _begins_refusing(sentence: str) -> bool:
    regrets = _REGRET.match(sentence) and not says_no_difference(sentence)
    return bool(regrets or _REFUSING_START.match(sentence))


def _is_curt(sentences: list[str]) -> bool:
    """Whether a reply begins with a word like "Impossible." that says no by itself."""
    return bool(sentences and _REFUSED.fullmatch(sentences[0].strip(_EDGES)))
