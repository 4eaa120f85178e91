"""Old encodings, told apart by how their bytes go together and by which letters they would give."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

_SAMPLE = 1_000
"""Bytes beyond ASCII that are looked at."""
_LINE = 100_000
"""Bytes of a line that are looked at."""


class Charset(NamedTuple):
    """An old encoding: its letters that are frequent in names and titles, and how much more is asked of it.

    `handicap` is taken off its score; it is larger for what is rarer, and for what makes letters of nearly anything.
    `script` is `latin`, `wide` (several bytes make a letter) or `other`.
    """

    name: str
    frequent: frozenset[str]
    handicap: float = 0.0
    script: str = "other"


def _letters(*groups: str) -> frozenset[str]:
    return frozenset("".join(groups).replace(" ", ""))


_KANA = "".join(map(chr, range(0x3041, 0x3094))) + "".join(map(chr, range(0x30A1, 0x30F7))) + "ー・"
_WIDE_SIGNS = "、。「」『』（）：；，《》—…“”・"
_HANZI = (
    "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没日于起"
    "还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声"
    "全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军产"
    "入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车白应路期叫死常提感金何更反合放做系计或司利受光王"
    "果亲界及今京务制解各任至清物台象记边共风战干接它许八特觉望直服毛林题建南度统色字请交爱让认算论百吃义科怎元社术结六功指思非流每青"
    "管夫连远资队跟带花快条院变联言权往展该领传近留红治决周保达办运武半候七必城父强步完革深区即求品士转量空甚众技轻程告江语英基派满式"
    "李息写呢识极令黄德收脸钱党倒未持取设始版双历越史商千片容研像找友孩站广改议形委早房音火际则首单据导影失拿网香似斯专石若兵弟谁校读"
    "刘陈杨赵吴徐孙胡朱郭何罗宋郑谢韩唐冯于董萧曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田姜范方石姚谭廖邹熊金陆郝孔崔康毛邱秦江"
    "究析基技系统方法应用模型设计评价影响因素分布特征机制测量实验证据数学物理化学生物医疗病患者治疗护理教育经济社会环境材料工程信息计算网络"
)
_HANZI_TW = (
    "的一是不了在人有我他這中大來上國個到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可她裡後小麼心多天而能好都然沒日於起還發成"
    "事只作當想看文無開手十用主行方又如前所本見經頭面公同三已老從動兩長知民樣現分將外但身些與高意進把法此實回二理美點月明其種聲全工己話兒者向"
    "情部正名定女問力機給等幾很業最間新什打便位因重被走電四第門相次東政海口使教西再平真聽世氣信北少關並內加化由卻代軍產入先山五太水萬市眼體別"
    "處總才場師書比住員九性通目華報立馬命張活難神數件安表原車白應路期叫常提感金何更反合放做係計或司利受光王果界及今京務制解各任至清物台象記邊"
    "共風戰接許特直服林題建南度統色字交愛認算論百義科元社術結六功指思非流每青管連遠資隊條院變聯言權展領傳近留紅治決周保達辦運區求品士轉量空技"
    "程告江語英基派式李識極德收設始版雙歷史商研像改議形委音際則首單據導影網斯專校讀劉陳楊趙吳黃徐孫胡朱郭羅宋鄭謝韓唐馮許鄧蕭曾彭呂蘇盧蔣蔡"
    "究析統應用模型評價響因素布特徵測量驗證醫療病患護育經濟環境材料程訊算臺灣灣"
)
_KANJI = (
    "日一国会人年大十二本中長出三同時政事自行社見月分議後前民生連五発間対上部東者党地合市業内相方四定今回新場金員九入選立開手米力学問高代"
    "明実円関決子動京全目表戦経通外最言氏現理調体化田当八六約主題下首意法不来作性的要用制治度務強気小七成期公野協取都和統以機平総加山思家"
    "話世受区領多県続進正安設保改数記院女初北午指権心界支第産結百派点教報済書府活原先共得解名交資予川向際査勝面委告軍文反元重近千考判認画"
    "海参売利組知案道信策集在件団別物側任引使求所次水半品昨論計死官増係感特情投示変打男基私各始島直両朝革価式確村提運終挙果西勢減台広容必"
    "究析術研藤佐鈴木田中渡辺伊山本村林清斎松井郎介輔美恵健"
)
_HANGUL = (
    "이의는다에을를은가한하고과로서대지사기정인도자수해시전일구연리아보분석그부어나성적제관으원상조과용화학회국경영미방법계통치스라주만있되된할"
    "년개체물공동안장소문문제비교육중심효행실내생산형태변설여러위와발조김박최임윤강신오한송권황류홍현민준호영희우진선철석재훈승혜"
    "향특무명력결요차유외들간등면및술업환반모바건니러야터트드르세네"
)

_WESTERN = "éèàüöäßçñóíáúãõêôâîïåøæëûÉÖÜÄÅØÓÁÇŠšžœº°–—’‘“”…§«»·®© "
CHARSETS = (
    Charset("cp1252", _letters(_WESTERN, "\xa0"), 0.0, "latin"),
    Charset("gb18030", _letters(_HANZI, _WIDE_SIGNS), 0.2, "wide"),
    Charset("cp950", _letters(_HANZI_TW, _WIDE_SIGNS), 0.2, "wide"),
    Charset("cp932", _letters(_KANA, _KANJI, _WIDE_SIGNS), 0.2, "wide"),
    Charset("euc_jp", _letters(_KANA, _KANJI, _WIDE_SIGNS), 0.2, "wide"),
    Charset("cp949", _letters(_HANGUL, _WIDE_SIGNS), 0.2, "wide"),
    Charset("cp1251", _letters("оеаинтсрвлкмдпуягбзыьйхчжшц", "ОИПСВАКМНРТДБГ", "«»–—№ії"), 0.15),
    Charset("koi8-r", _letters("оеаинтсрвлкмдпуягбзыьйхчжшц", "ОИПСВАКМНРТДБГ"), 0.2),
    Charset("cp866", _letters("оеаинтсрвлкмдпуягбзыьйхчжшц", "ОИПСВАКМНРТДБГ"), 0.25),
    Charset("cp1253", _letters("αοιετσνηυρπκμλςγδωθχφβξζψάέήίόύώ", "ΑΕΗΟΚΜΠΣΤΔΓ", "«»–"), 0.2),
    Charset("cp1255", _letters("אבגדהוזחטיכלמנסעפצקרשתםןץףך"), 0.15),
    Charset("cp1256", _letters("ابتثجحخدذرزسشصضطظعغفقكلمنهويةىأإؤئء", "،؛؟"), 0.2),
    Charset("cp874", _letters("กขคงจชซญดตถทธนบปผพฟภมยรลวศษสหอะาำิีึืุูเแโใไ่้๊๋์็"), 0.25),
    Charset(
        "cp1250", _letters("áéíóúýčďěňřšťůžČŘŠŽÁÉÍÚąćęłńśźżĄĆĘŁŃŚŹŻöüőűÖÜäôľĺŕđăâîșțşţßç", "–„”’“\xa0"), 0.15, "latin"
    ),
    Charset("cp1254", _letters("çğıöşüÇĞİÖŞÜâîû", "–’“”"), 0.15, "latin"),
    Charset("mac-roman", _letters(_WESTERN), 0.15, "latin"),
    Charset("cp850", _letters("éèàüöäßçñóíáúêôâîïåøæëûÉÖÜÄÅØ"), 0.25, "latin"),
)
"""The first wins where nothing speaks for another."""


_BEYOND_ASCII = bytes(range(0x80, 0x100))
_IS_LATIN = re.compile(r"[A-Za-z]")


def guess(sample: bytes) -> list[str]:
    """The encodings that bytes which are no UTF-8 may be in, likeliest first; the last takes any bytes.

    Parameters: `sample`, what `telling` takes from them.
    """
    scores = {charset.name: _score(sample, charset) for charset in CHARSETS}
    best = max(scores, key=lambda name: scores[name])
    return [best, "iso8859-1"] if scores[best] > 0 else ["iso8859-1"]


def telling(data: bytes) -> bytes:
    """The lines that are not ASCII, as many as are looked at; no old encoding has a line feed within a letter."""
    lines: list[bytes] = []
    count = 0
    for match in re.finditer(rb"[^\n]{0,100}[\x80-\xff][^\n]*\n?", data):
        lines.append(match.group()[:_LINE])
        count += len(lines[-1]) - len(lines[-1].translate(None, _BEYOND_ASCII))
        if count > _SAMPLE:
            break
    return b"".join(lines)


def _score(sample: bytes, charset: Charset) -> float:
    """How likely it is: the share of frequent letters among all that are not ASCII, less what no one writes."""
    text = sample.decode(charset.name, "surrogateescape")
    score, count = 0.0, 0
    for before, letter, after in _in_context(text):
        count += 1
        score += _worth(before, letter, after, charset)
    return score / max(count, 1) - charset.handicap


def _worth(before: str, letter: str, after: str, charset: Charset) -> float:
    if "\udc80" <= letter <= "\udcff" or "\x80" <= letter <= "\x9f" or "\ue000" <= letter <= "\uf8ff":
        return -4.0  # no letter, a control code, for private use
    if "\u2500" <= letter <= "\u259f":
        return -2.0  # lines of a box
    if before.islower() and letter.isupper():
        return -1.0  # rŽsumŽ
    if charset.script == "latin":
        if before > "\x7f" < after and before.isalpha() and letter.isalpha() and after.isalpha():
            return -1.0  # three letters with accents in a row: Èâàíîâ
    elif charset.script == "other" and letter.isalpha() and _IS_LATIN.search(before + after):
        return -1.0  # a word in two scripts: Mьller
    if not letter.isalpha() and before.isalpha() and after.isalpha() and letter not in "’–-·\xad":
        return -1.0  # Koz³owski
    return 1.0 if letter in charset.frequent else 0.3 if letter.isalpha() else 0.0


def _in_context(text: str) -> Iterable[tuple[str, str, str]]:
    for match in re.finditer(r"[^\x00-\x7f]", text):
        at = match.start()
        yield text[at - 1 : at] if at else "", match.group(), text[at + 1 : at + 2]
