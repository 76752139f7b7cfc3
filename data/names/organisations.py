#!/usr/bin/env python3
"""Makes legal_forms.tsv, numbers.tsv, trades.tsv and territories.tsv: what the words of organisations' names stand for.

usage: organisations.py DIRECTORY

DIRECTORY holds org_types.json, ordinals.json, symbols.json and territories.jsonl.gz of rigour 2.6.1 (MIT). The tables are
written beside this script. The same input gives the same bytes. Words are left as written: the program folds them.
"""
import gzip
import json
import os
import re
import sys
import unicodedata

SOURCE = "from rigour 2.6.1 (MIT licence), made by organisations.py"

# Legal forms that the source lacks: sense, usual abbreviation, forms. Compiled by the lookback authors.
LEGAL = [
    ("LLC", "ooo", ["OOO", "ООО", "O.O.O.", "obshchestvo s ogranichennoy otvetstvennostyu", "obshchestvo s ogranichennoi otvetstvennostiu",
                    "общество с ограниченной ответственностью"]),
    ("LLC", "tov", ["ТОВ", "TOV", "TzOV", "ТзОВ", "товариство з обмеженою відповідальністю", "tovarystvo z obmezhenoyu vidpovidalnistyu"]),
    ("LLC", "ooo", ["ТОО", "TOO", "товарищество с ограниченной ответственностью", "tovarishchestvo s ogranichennoy otvetstvennostyu",
                    "жауапкершілігі шектеулі серіктестігі", "ЖШС", "ОсОО", "OsOO", "ҶДММ", "ҶСП", "MChJ", "МЧЖ", "mas'uliyati cheklangan jamiyati",
                    "масъулияти чекланган жамияти", "ҷамъияти дорои масъулияти маҳдуд", "Jamoati dorui masuliyati mahdud", "ТАА", "таварыства з абмежаванай адказнасцю",
                    "жоопкерчилиги чектелген коом", "ЖЧК"]),
    ("LLC", "doo", ["d.o.o.", "DOO", "д.о.о.", "društvo s ograničenom odgovornošću", "društvo sa ograničenom odgovornošću",
                    "družba z omejeno odgovornostjo", "друштво са ограниченом одговорношћу", "ДОО"]),
    ("LLC", "shps", ["შპს", "შეზღუდული პასუხისმგებლობის საზოგადოება", "LLC Shps"]),
    ("LLC", "spe", ["ՍՊԸ", "սահմանափակ պատասխանատվությամբ ընկերություն"]),
    ("LLC", "ltd", ["Ltd", "Limited", "Ltd.", "Limitada", "Co., Ltd.", "Co Ltd", "Company Limited", "Co. Limited", "Company Ltd", "Corporation Limited", "Limited Co",
                    "有限公司", "有限责任公司", "有限責任公司", "(Pvt.) Ltd.", "Pvt Ltd", "Private Limited", "Pte Ltd", "Pty Ltd", "Proprietary Limited",
                    "Pte. Limited", "Sdn Bhd", "Sendirian Berhad", "(Private) Limited", "Pvt. Limited", "P Ltd", "ليمتد", "المحدودة", "محدودة", "المحدوده", "ذات مسؤولية محدودة",
                    "ذات المسؤولية المحدودة", "ذ م م", "ذ.م.م", "ش.ذ.م.م", "ش ذ م م", "با مسئولیت محدود", "شرکت با مسئولیت محدود", "شركة ذات مسؤولية محدودة",
                    "شركة محدودة", "شركة المحدودة", "유한회사", "(유)", "בע״מ", "בע\"מ", "בעמ", "bam"]),
    ("LLC", "llc", ["LLC", "L.L.C.", "Limited Liability Company", "Limited Liability Co", "W.L.L.", "with limited liability", "FZ LLC", "FZE", "FZCO", "FZC", "DMCC"]),
    ("LLC", "gmbh", ["GmbH", "G.m.b.H.", "GesmbH", "mbH", "gGmbH", "Gesellschaft mit beschränkter Haftung", "Gesellschaft mbH", "Ges.m.b.H."]),
    ("LLC", "srl", ["S.R.L.", "SRL", "S.à r.l.", "SARL", "Sàrl", "S.a.r.l.", "società a responsabilità limitata", "sociedad de responsabilidad limitada",
                    "société à responsabilité limitée", "societate cu răspundere limitată", "S. de R.L.", "S. de R.L. de C.V.", "SPRL", "EURL"]),
    ("LLC", "ltda", ["Ltda", "Limitada", "Sociedade Limitada", "Lda", "Cía. Ltda.", "Compañía Limitada"]),
    ("JSC", "sa", ["S.A.", "SA", "Sociedad Anónima", "Société Anonyme", "Sociedade Anônima", "S.A. de C.V.", "Sociedad Anónima de Capital Variable", "S.A.U.", "S.A.E.",
                   "S.A.L.", "S.A.R.L. au", "S.A.S.", "S.A.B. de C.V.", "Societate pe acțiuni", "S.p.A.", "SpA", "Società per azioni", "Anonymi Etaireia", "Ανώνυμη Εταιρεία", "Α.Ε."]),
    ("JSC", "ag", ["AG", "A.G.", "Aktiengesellschaft"]),
    ("JSC", "as", ["A.Ş.", "A.S.", "Anonim Şirketi", "Anonim Sirketi", "Anonim Şirket", "A/S", "Aktieselskab", "Aksjeselskap", "akciová společnost", "akciová spoločnosť"]),
    ("JSC", "ab", ["AB", "Aktiebolag", "Aktiebolaget"]),
    ("JSC", "oy", ["Oy", "Oyj", "Osakeyhtiö"]),
    ("JSC", "nv", ["N.V.", "NV", "Naamloze Vennootschap"]),
    ("LLC", "bv", ["B.V.", "BV", "BVBA", "Besloten Vennootschap"]),
    ("JSC", "pt", ["PT", "P.T.", "Perseroan Terbatas", "Tbk"]),
    ("JSC", "jsc", ["JSC", "J.S.C.", "Joint Stock Company", "Joint-Stock Company", "Joint Stock Co", "OJSC", "Open Joint Stock Company", "CJSC", "Closed Joint Stock Company",
                    "PJSC", "Public Joint Stock Company", "Private Joint Stock Company", "PrJSC", "QSC", "KSC", "K.S.C.", "BSC", "SAOG", "شركة مساهمة", "شركة مساهمة عامة",
                    "شرکت سهامی", "شرکت سهامی عام", "شرکت سهامی خاص", "سهامی عام", "سهامی خاص", "مساهمة", "ش.م.ل", "ش.م.م", "ش م ل", "ش.م.ع", "P.J.S.", "P.J.S. Co"]),
    ("JSC", "ao", ["AO", "АО", "A.O.", "Aktsionernoe obshchestvo", "акционерное общество", "aktsionernoye obshchestvo", "OAO", "ОАО", "открытое акционерное общество",
                   "otkrytoe aktsionernoe obshchestvo", "ZAO", "ЗАО", "закрытое акционерное общество", "zakrytoe aktsionernoe obshchestvo", "PAO", "ПАО",
                   "публичное акционерное общество", "publichnoe aktsionernoe obshchestvo", "НАО", "непубличное акционерное общество", "АТ", "ПАТ", "PAT", "PrAT", "ПрАТ",
                   "акціонерне товариство", "приватне акціонерне товариство", "публічне акціонерне товариство", "aktsionerne tovarystvo", "ҶСК", "ҶСШК", "ҶСХ",
                   "ААТ", "ЗАТ", "адкрытае акцыянернае таварыства", "закрытае акцыянернае таварыства", "акционерлік қоғам", "АҚ", "aksiyadorlik jamiyati", "акциядорлик жамияти", "АЖ"]),
    ("JSC", "plc", ["PLC", "P.L.C.", "Public Limited Company", "Public Company Limited", "Pcl", "Berhad", "Bhd"]),
    ("JSC", "kk", ["K.K.", "Kabushiki Kaisha", "Kabushiki Gaisha", "株式会社", "(株)", "株式會社", "주식회사", "(주)", "Jusik Hoesa", "Chusik Hoesa"]),
    ("JSC", "jsc", ["股份有限公司", "股份公司", "集团股份有限公司", "Corp Ltd", "công ty cổ phần"]),
    ("LLC", "ltd", ["công ty trách nhiệm hữu hạn", "công ty TNHH", "合同会社", "有限会社"]),
    ("JSC", "inc", ["Inc", "Incorporated", "Corp", "Corporation", "Corp."]),
    ("JSC", "ad", ["A.D.", "АД", "AD", "акционерно дружество", "akcionarsko društvo", "акционарско друштво", "EAD", "ЕАД"]),
    ("LLC", "ood", ["OOD", "ООД", "EOOD", "ЕООД", "дружество с ограничена отговорност"]),
    ("LLC", "sti", ["Ltd. Şti.", "Ltd Sti", "Limited Şirketi", "Limited Sirketi", "Limited Şti.", "Şti", "Sti"]),
    ("LLC", "mmc", ["MMC", "məhdud məsuliyyətli cəmiyyət", "Mehdud Mesuliyyetli Cemiyyeti", "MMM"]),
    ("JSC", "asc", ["ASC", "QSC", "açıq səhmdar cəmiyyəti", "qapalı səhmdar cəmiyyəti"]),
    ("CO", "co", ["Co", "Co.", "Company", "& Co", "Compagnie", "Cie", "Compañía", "Compania", "Cía", "Companhia", "Kompaniya", "компания", "компанія", "кампанія", "kompania",
                  "شركة", "الشركة", "شرکت", "Sherkat", "Sherkate", "Shirkat", "Sharikat", "Sharika", "Sharikah", "Şirket", "Şirketi", "Sirketi", "公司", "회사", "会社", "חברה", "חברת",
                  "ширкат", "ширкати", "ընկերություն", "კომპანია", "etaireia", "εταιρεία", "εταιρία", "kompanija", "kompanie", "Firma", "фирма", "фірма"]),
    ("SOE", "fgup", ["ФГУП", "FGUP", "ГУП", "GUP", "федеральное государственное унитарное предприятие", "federalnoe gosudarstvennoe unitarnoe predpriyatie",
                     "государственное унитарное предприятие", "gosudarstvennoe unitarnoe predpriyatie", "Federal State Unitary Enterprise", "State Unitary Enterprise", "FSUE", "УП", "РУП", "RUP", "унитарное предприятие",
                     "Unitary Enterprise", "республиканское унитарное предприятие", "КУП"]),
    ("SP", "ip", ["ИП", "индивидуальный предприниматель", "ФОП", "фізична особа підприємець", "ЧП", "частное предприятие", "ПП", "приватне підприємство", "ЧУП"]),
]

# Words that do not mean what the source says often enough, or that begin too many names of other kinds.
NO_LEGAL = {"is", "in", "la", "le", "el", "de", "sun", "pub", "fund", "fond", "hotel", "gold", "public", "trust", "center", "centre", "school", "party", "mission", "club", "klub", "stan", "sons", "son"}
NO_TRADE_SENSES = {"ALQAEDA", "IRGC", "HEZBOLLAH", "CCP", "PLA", "CIA", "CO", "CORP", "TPB", "SKB", "NAMED", "LIQUIDATION", "REPOFF", "ALLRUSSIAN", "INVFUND",
                   "GENERAL", "PRIVATE", "WORLD"}
MERGED_SENSES = {"ASSOC": "ASSOCIATION", "COMMERCE": "TRADE", "COMMERCIAL": "TRADE", "UNIVERSITY": "UNIVERSITY", "GRP": "GROUP", "FDN": "FOUNDATION", "FED": "FEDERAL", "INTL": "INTERNATIONAL",
                 "NATL": "NATIONAL", "MGMT": "MANAGEMENT", "ORG": "ORGANISATION", "DEPT": "DEPARTMENT", "DEV": "DEVELOPMENT", "GOV": "GOVERNMENT", "ENG": "ENGINEERING"}
# Words of trades that are names, particles or other words in some language.
NO_TRADE = {"casa", "dom", "ev", "haus", "re", "fi", "vin", "wine", "re-", "med", "eng", "ins", "com", "may", "mar", "maden", "stan", "union", "im", "imeni", "art", "ordu", "poder", "savez",
            "general", "central", "prima", "strana", "base", "baza", "eso", "obshchestvo", "organismos", "intel", "met", "sea", "sun", "mir", "мир", "uni", "dto"}
TRADES = {
    "TRADE": ["trading", "trade", "traders", "trader", "handel", "handels", "torgovlya", "torgovaya", "torgovyi", "torgovy", "торговля", "торговая", "торговый", "торговое", "торгівля", "торгова", "ticaret",
              "tijarat", "tijara", "tijaria", "tejarat", "tejarati", "bazargani", "bazergani", "بازرگانی", "تجارت", "تجارة", "تجارية", "تجاری", "للتجارة", "savdo", "савдо", "тиҷорат", "comercio", "comercial", "commerciale",
              "commerce", "negoce", "贸易", "貿易", "商贸", "무역", "מסחר", "commercial"],
    "BANK": ["bank", "banque", "banco", "banca", "банк", "بنك", "مصرف", "بانک", "bonk", "бонк", "银行", "銀行", "은행", "בנק", "banki", "bankası", "bankasi"],
    "INDUSTRY": ["industry", "industries", "industrial", "صناعة", "صناعات", "صناعية", "للصناعات", "صنایع", "صنعتی", "sanayi", "промышленность", "промышленная", "промышленный", "工业", "工業", "실업", "산업",
                 "sanaye", "sanaie", "industria", "industrie"],
    "GROUP": ["group", "gruppa", "группа", "група", "gruppe", "grupo", "groupe", "gruppo", "grup", "grupa", "مجموعة", "گروه", "goruh", "集团", "集團", "그룹", "majmua"],
    "INTERNATIONAL": ["international", "internacional", "internationale", "internazionale", "международный", "международная", "международное", "міжнародний", "міжнародна", "دولية", "دولی", "عالمية", "uluslararası",
                      "uluslararasi", "beynəlxalq", "国际", "國際", "국제", "halqaro", "xalqaro", "байналмилалӣ"],
    "NATIONAL": ["national", "nacional", "nazionale", "национальный", "национальная", "национальное", "національний", "національна", "وطنية", "وطني", "ملی", "ulusal", "milli", "melli", "miliy", "миллий", "миллӣ",
                 "国家", "國家", "ұлттық", "улуттук"],
    "STATE": ["state", "государственный", "государственная", "государственное", "державний", "державна", "державне", "gosudarstvennoe", "gosudarstvenny", "gosudarstvennyi", "давлат", "давлатии", "davlat", "devlet", "国营", "мемлекеттік"],
    "SHIPPING": ["shipping", "marine", "maritime", "navigation", "نقل", "ملاحة", "بحرية", "کشتیرانی", "keshtirani", "denizcilik", "судоходная", "морская", "航运", "海运", "해운", "naviera", "lines"],
    "TRANSPORT": ["transport", "transportation", "transporte", "transporti", "транспорт", "транспортная", "транспортный", "حمل", "taşımacılık", "nakliyat", "运输", "운수", "transports"],
    "CONSTRUCTION": ["construction", "constructions", "contracting", "строительство", "строительная", "строительный", "будівництво", "مقاولات", "انشاءات", "ساختمانی", "ساخت", "inşaat", "insaat", "建设", "建筑", "건설",
                     "construcciones", "construcción", "costruzioni", "qurilish", "курилиш"],
    "PETROLEUM": ["petroleum", "نفط", "نفطية", "نفت", "naft", "нефть", "нефтяная", "neft", "нафта", "石油", "석유", "petrol", "petrole", "petróleo", "petroleos"],
    "GAS": ["gas", "gaz", "газ", "газовая", "غاز", "گاز", "天然气", "가스", "газу"],
    "SERVICES": ["services", "service", "خدمات", "خدماتی", "khadamat", "услуги", "сервис", "сервіс", "hizmetleri", "servicios", "serviços", "servizi", "服务", "xizmat", "хизмат"],
    "INVESTMENT": ["investment", "investments", "استثمار", "استثمارات", "للاستثمار", "سرمایه", "инвестиции", "инвестиционная", "інвестиції", "投资", "投資", "투자", "yatırım", "yatirim", "inversiones", "invest"],
    "INSTITUTE": ["institute", "institut", "instituto", "институт", "інститут", "معهد", "انستیتو", "研究所", "연구소", "donishkada", "enstitü", "enstitusu", "instituti"],
    "UNIVERSITY": ["university", "universität", "université", "universidad", "università", "университет", "університет", "جامعة", "دانشگاه", "daneshgah", "大学", "大學", "대학교", "대학", "donishgoh", "донишгоҳ",
                   "üniversitesi", "universitesi", "universiteti", "универсiтэт"],
    "FACTORY": ["factory", "factories", "plant", "works", "завод", "zavod", "завода", "zavodu", "مصنع", "کارخانه", "karkhaneh", "fabrika", "фабрика", "工厂", "工廠", "공장", "fabrik", "korxonasi", "корхона"],
    "MINISTRY": ["ministry", "министерство", "міністерство", "ministerstvo", "وزارة", "وزارت", "vezarat", "vazirligi", "вазорат", "вазорати", "bakanlığı", "bakanligi", "部", "ministerio", "ministère", "ministero", "ministerium"],
    "COMMITTEE": ["committee", "комитет", "комітет", "komitet", "لجنة", "کمیته", "komite", "qomita", "кумита", "委员会", "위원회", "comité", "comite", "comitato", "comisión"],
    "FOUNDATION": ["foundation", "stiftung", "fondation", "fundación", "fundacion", "fondazione", "фонд", "fond", "fund", "مؤسسة", "بنیاد", "bonyad", "bunyad", "vakfı", "vakfi", "vakif", "基金会", "재단", "jamghiyat", "fundação", "stichting"],
    "ORGANISATION": ["organization", "organisation", "организация", "організація", "organizatsiya", "منظمة", "سازمان", "sazman", "sazeman", "ташкилот", "tashkilot", "örgütü", "organización", "organizacion", "organisations", "organizations"],
    "ASSOCIATION": ["association", "ассоциация", "асоціація", "assotsiatsiya", "جمعية", "انجمن", "anjoman", "derneği", "dernegi", "asociación", "asociacion", "associazione", "协会", "協會", "협회", "jamiat", "verein", "society"],
    "PARTY": ["party", "partiya", "партия", "партія", "حزب", "hizb", "partisi", "partido", "parti", "partei", "政党", "党", "당", "ҳизби"],
    "CENTRE": ["center", "centre", "центр", "tsentr", "centro", "zentrum", "مركز", "مرکز", "markaz", "merkezi", "中心", "센터", "марказ", "markazi", "маркази"],
    "AIRLINE": ["airlines", "airline", "airways", "авиакомпания", "авіакомпанія", "aviakompaniya", "طيران", "هواپیمایی", "havayolları", "havayollari", "航空", "항공", "aviation", "aerolíneas", "aerolineas", "авиация", "aviatsiya"],
    "TECHNOLOGY": ["technology", "technologies", "технологии", "технология", "технології", "teknoloji", "tehnologii", "tekhnologii", "تكنولوجيا", "فناوری", "تقنية", "科技", "技术", "技術", "기술", "tecnología", "tecnologia", "fanavari"],
    "ENTERPRISE": ["enterprise", "enterprises", "предприятие", "підприємство", "predpriyatie", "empresa", "entreprise", "établissement", "etablissement", "establishment", "مؤسسه", "企业", "실업", "pidpryiemstvo"],
    "HOLDING": ["holding", "holdings", "холдинг", "kholding", "هولدينغ", "هلدینگ", "قابضة", "控股", "지주"],
    "CORPORATION": ["korporatsiya", "корпорация", "корпорація", "corporación", "corporacion", "corporação", "总公司", "總公司", "korporasi"],
    "IMPORT": ["import", "imports", "импорт", "імпорт", "استيراد", "واردات", "ithalat", "进口", "進口", "수입", "importadora", "importaciones"],
    "EXPORT": ["export", "exports", "экспорт", "експорт", "تصدير", "صادرات", "ihracat", "出口", "수출", "exportadora", "exportaciones"],
    "GENERAL": ["general", "عامة", "العامة", "عمومی", "генеральная", "генеральный"],
    "SCHOOL": ["school", "школа", "shkola", "مدرسة", "مدرسه", "madrasa", "madrassa", "maktab", "мактаб", "学校", "學校", "학교", "schule", "école", "ecole", "escuela", "okulu"],
    "HOSPITAL": ["hospital", "больница", "лікарня", "مستشفى", "بیمارستان", "医院", "醫院", "병원", "hastanesi", "krankenhaus", "hôpital"],
    "REPUBLIC": ["republic", "республика", "республіка", "جمهورية", "جمهوری", "república", "republica", "république", "republik", "共和国", "공화국", "respublika", "ҷумҳурии", "ҷумҳурӣ"],
    "COUNCIL": ["council", "совет", "рада", "مجلس", "شورای", "shura", "shora", "شورى", "consejo", "conseil", "rat", "理事会", "kengash", "konseyi"],
    "BRIGADE": ["brigade", "brigades", "бригада", "لواء", "الوية", "ألوية", "كتيبة", "كتائب", "kataib", "liwa", "旅", "여단", "battalion", "батальон"],
    "ARMY": ["army", "армия", "армія", "جيش", "ارتش", "artesh", "jaish", "jaysh", "ordusu", "ejército", "ejercito", "armée", "armee", "军", "군"],
    "FRONT": ["front", "фронт", "جبهة", "jabhat", "jabha", "جبهه", "cephesi", "frente"],
    "MOVEMENT": ["movement", "движение", "рух", "حركة", "harakat", "haraka", "hareketi", "movimiento", "mouvement", "movimento", "جنبش", "ҳаракат"],
    "BRANCH": ["branch", "filial", "филиал", "філія", "فرع", "شعبه", "分公司", "分行", "지사", "şubesi", "subesi", "zweigniederlassung", "succursale", "sucursal"],
}

# Adjectives and short forms of countries that the source lacks. Compiled by the lookback authors.
ADJECTIVES = {
    "ir": ["iranian", "irani", "иранский", "иранская", "ирана", "ايراني", "ایرانی"], "sy": ["syrian", "сирийский", "сирии", "سوري", "سورية"], "ru": ["rossiyskaya", "rossiyskiy", "rossiiskaya", "российский", "российская", "российское", "русский", "россии", "росії"],
    "iq": ["iraqi", "иракский", "عراقي", "عراقية"], "lb": ["lebanese", "libanaise", "لبناني", "لبنانية"], "tr": ["turkish", "türk", "turk", "turkiye", "türkiye", "турецкий"], "cn": ["chinese", "中国", "中華", "китайский", "китайская"],
    "kp": ["北朝鲜", "dprk", "조선", "кндр"], "kr": ["korean", "корейский"], "us": ["american", "usa", "американский", "сша"], "gb": ["british", "uk", "britain"], "de": ["german", "deutsche", "deutscher", "deutsches"], "fr": ["french", "française", "francais", "francaise"],
    "tj": ["tajik", "точик", "тоҷик", "tojik", "таджикский", "таджикистана", "тоҷикистон"], "uz": ["uzbek", "ozbek", "ўзбек", "узбекский", "узбекистана"], "kz": ["kazakh", "qazaq", "казахский", "казахстана", "қазақ"], "kg": ["kyrgyz", "кыргыз", "киргизский", "кыргызстана", "киргизии"],
    "af": ["afghan", "афганский", "افغان"], "pk": ["pakistani"], "in": ["indian"], "ua": ["ukrainian", "украинский", "украины", "україни", "український", "українська"], "by": ["belarusian", "белорусский", "беларускі", "беларуси", "беларусі", "belarus"],
    "ae": ["emirati", "uae"], "sa": ["saudi", "سعودية", "سعودي"], "eg": ["egyptian", "مصرية", "مصري"], "ly": ["libyan", "ليبية", "ليبي"], "ye": ["yemeni", "يمنية", "يمني"], "cu": ["cuban", "cubana", "cubano"], "ve": ["venezuelan", "venezolana"],
    "co": ["colombian", "colombiana"], "mx": ["mexican", "mexicana"], "jp": ["japanese", "日本"], "ge": ["georgian", "грузинский"], "am": ["armenian", "армянский"], "az": ["azerbaijani", "азербайджанский"], "it": ["italian", "italiana"],
    "es": ["spanish", "española"], "md": ["moldovan", "молдавский"], "so": ["somali"], "sd": ["sudanese", "سودانية"], "mm": ["burmese"], "vn": ["vietnamese"], "ch": ["swiss", "schweizer", "suisse"],
}


def write(name, lines):
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, name), "w", encoding="utf-8", newline="\n") as file:
        file.write("\n".join(lines) + "\n")


def plain(text):
    """For telling rows apart here only: the program folds by its own rules."""
    text = unicodedata.normalize("NFKD", text).casefold()
    return " ".join(re.findall(r"\w+", "".join(c for c in text if not unicodedata.combining(c))))


def letters(text):
    return "".join(c for c in plain(text) if c.isalnum())


class Table:
    """Rows by what they stand for; a phrase stands for the first thing that claims it."""

    def __init__(self):
        self.rows, self.claimed = {}, set()

    def add(self, head, phrase):
        phrase = " ".join(unicodedata.normalize("NFKC", phrase).replace("|", " ").split())
        key = phrase.casefold()
        if plain(phrase) and key not in self.claimed:
            self.claimed.add(key)
            self.rows.setdefault(head, []).append(phrase.casefold())

    def lines(self):
        return ["\t".join([*head, " | ".join(phrases)]) for head, phrases in self.rows.items()]


def legal_forms(directory):
    table = Table()
    for sense, short, phrases in LEGAL:
        for phrase in phrases:
            table.add((sense, short), phrase)
    for kind in json.load(open(os.path.join(directory, "org_types.json"), encoding="utf-8")):
        sense = kind.get("generic", "-")
        short = letters(kind.get("compare") or kind.get("display") or sense)
        for phrase in [kind.get("display", ""), *kind["aliases"]]:
            if len(letters(phrase)) >= 2 and plain(phrase) not in NO_LEGAL and sense not in ("REL", "MIL"):
                table.add((sense, short), phrase)
    head = ["# Legal forms of organisations: class <TAB> usual abbreviation <TAB> how it is written, divided by `|`. Forms of one class stand for one another;",
            "# `-`: of no class. The first rows by the lookback authors from general knowledge (licence of the project), the others", f"# {SOURCE}."]
    write("legal_forms.tsv", head + table.lines())
    return table.claimed


def numbers(directory):
    table = Table()
    no = {"nil", "nought", "premier", "una", "primo", "no", "number", "sete"}
    for row in json.load(open(os.path.join(directory, "ordinals.json"), encoding="utf-8")):
        for form in row["forms"]:
            folded = unicodedata.normalize("NFKC", form).casefold()
            words = re.findall(r"\w+", folded)
            roman = re.fullmatch(r"[ivxlc]+(th|st|nd|rd)?", letters(form))
            single_sign = len(letters(form)) == 1
            if words and not any(c.isdecimal() for c in folded) and not roman and not single_sign and folded not in no and row["number"] <= 100:
                table.add((str(row["number"]),), form)
    extra = {1: "первый первая первое перший перша birinchi якум якуми الاول الأول الأولى اول erstes prima", 2: "второй вторая второе другий друга ikkinchi дуюм الثاني الثانية دوم zweites deuxième",
             3: "третий третья третье третій третя uchinchi сеюм الثالث الثالثة سوم drittes troisième", 4: "четвертый четвертая четвёртый четвертий الرابع الرابعة چهارم quatrième",
             5: "пятый пятая п'ятий الخامس الخامسة پنجم cinquième", 6: "шестой шестая шостий السادس ششم sixième", 7: "седьмой седьмая сьомий السابع هفتم septième", 8: "восьмой восьмая восьмий الثامن هشتم huitième",
             9: "девятый девятая дев'ятий التاسع نهم neuvième", 10: "десятый десятая десятий العاشر دهم dixième"}
    for number, words in extra.items():
        for word in words.split():
            table.add((str(number),), word)
    head = ["# Words for numbers: the number <TAB> how it is written, divided by `|`. Digits, Roman numerals and `No. 5` are read by rule.",
            "# Ordinals in Cyrillic and Arabic writing by the lookback authors (licence of the project), the others", f"# {SOURCE}."]
    write("numbers.tsv", head + table.lines())
    return table.claimed


def trades(directory, claimed):
    table = Table()
    table.claimed |= claimed
    for sense, words in TRADES.items():
        for word in words:
            table.add((sense,), word)
    symbols = json.load(open(os.path.join(directory, "symbols.json"), encoding="utf-8"))
    for group in ("org_domains", "org_symbols"):
        for sense, words in symbols[group].items():
            if sense in NO_TRADE_SENSES:
                continue
            sense = MERGED_SENSES.get(sense, sense)
            sense = {"CENTER": "CENTRE", "OIL": "PETROLEUM", "TECH": "TECHNOLOGY", "FUND": "FOUNDATION", "MARITIME": "SHIPPING"}.get(sense, sense)
            for word in words:
                one = len(re.findall(r"\w+", word)) == 1 and "-" not in word and "'" not in word
                signs = re.fullmatch(r"[\u3040-\u9fff\uac00-\ud7af]+", word)
                if one and plain(word) not in NO_TRADE and (len(letters(word)) >= 3 or (signs and len(word) >= 2)):
                    table.add((sense,), word)
    head = ["# What organisations do and are: sense <TAB> words for it in many languages, divided by `|`. Words of one sense stand for one another.",
            "# The first words of each sense by the lookback authors from general knowledge (licence of the project), the others", f"# {SOURCE}."]
    write("trades.tsv", head + table.lines())
    return table.claimed


def territories(directory, claimed):
    table = Table()
    table.claimed |= claimed
    rows = [json.loads(line) for line in gzip.open(os.path.join(directory, "territories.jsonl.gz"), "rt", encoding="utf-8")]
    countries = [row for row in rows if row.get("is_country")]
    for row in countries:
        for word in [row["name"], *ADJECTIVES.get(row["code"], [])]:
            table.add((row["code"],), word)
    for row in countries:
        for name in [row["full_name"], *row.get("names_strong", [])]:
            if len(letters(name)) >= 3 and "(" not in name and "," not in name:
                table.add((row["code"],), name)
        for name in row.get("names_weak", []):
            other = re.fullmatch(r"[\u0370-\u06ff\u10a0-\u10ff\u3040-\u9fff\uac00-\ud7af ]+", name)
            wide = re.fullmatch(r"[\u3040-\u9fff\uac00-\ud7af]+", name)
            if other and (len(letters(name)) >= 4 or (wide and len(name) >= 2)):
                table.add((row["code"],), name)
    head = ["# Countries in the names of organisations: code <TAB> names and adjectives, divided by `|`.",
            "# Adjectives by the lookback authors (licence of the project), the others", f"# {SOURCE}."]
    write("territories.tsv", head + table.lines())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    claimed = legal_forms(sys.argv[1]) | numbers(sys.argv[1])
    territories(sys.argv[1], trades(sys.argv[1], claimed))
