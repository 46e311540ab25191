#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes templates/waico.json from data/: an institution to start from, made of public facts.

    tools/build_templates.py            write it
    tools/build_templates.py --check    fail if the file is not what data/ says

The rules in the template (procedures, roles, rights) are illustrative; the texts below say so in the
record itself. templates/blank.json is written by hand. Texts in Arabic, Chinese, French, Russian and
Spanish are translations by the editors of this file, but the names of states and of UN groups.
"""

import csv
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("ar", "zh", "en", "fr", "ru", "es")
CHARTER_BYTES_MAX = 60_000

DECIDE = ["decide.motion", "decide.position", "decide.vote", "decide.withdrawal"]
RECEIVE = ["exchange.need", "exchange.need_withdrawal", "exchange.commitment", "exchange.reveal",
           "exchange.acceptance", "exchange.claim", "exchange.confirmation"]
GIVE = ["exchange.offer", "exchange.offer_withdrawal", "exchange.delivery"]
# Either side of a delivery may say that something changed, or is wrong.
BETWEEN = ["exchange.departure", "exchange.dispute", "exchange.dispute_withdrawal"]
RESTRICT = ["rules.restriction", "rules.restriction_withdrawal"]
KEYS = ["institution.key", "institution.key_revocation"]
MANDATES = ["institution.mandate", "institution.mandate_end"]


def texts(*six: str) -> dict:
    """Six texts in the order Arabic, Chinese, English, French, Russian, Spanish."""
    assert len(six) == len(LANGUAGES)
    return dict(zip(LANGUAGES, six))


FOUNDING = {
    "origin": "waico.comity.example",
    "name": texts("المنظمة العالمية للتعاون في مجال الذكاء الاصطناعي", "世界人工智能合作组织",
                  "World AI Cooperation Organization (WAICO)",
                  "Organisation mondiale de coopération sur l'intelligence artificielle",
                  "Всемирная организация сотрудничества в области искусственного интеллекта",
                  "Organización Mundial de Cooperación en Inteligencia Artificial"),
    "demonstration": texts(
        "عرض توضيحي. هذا ليس سجل المنظمة، ولم تقره أي جهة. القواعد والأفعال للتوضيح فقط.",
        "演示。这不是该组织的记录，未经任何方面认可。其中的规则和行为仅供说明。",
        "Demonstration. This is not the record of the organization and nobody has endorsed it. Rules and acts are illustrative.",
        "Démonstration. Ceci n'est pas le registre de l'organisation et personne ne l'a approuvé. Les règles et les actes sont donnés à titre d'illustration.",
        "Демонстрация. Это не реестр организации, и никто его не одобрял. Правила и действия приведены для примера.",
        "Demostración. No es el registro de la organización y nadie lo ha aprobado. Las reglas y los actos son ilustrativos."),
    "operator_id": "operator-office",
}

PURPOSES = texts(
    "التعاون في مجال الذكاء الاصطناعي من أجل منفعة الجميع: بناء القدرات، والتعاون في الموارد، والحوكمة العالمية. صياغة توضيحية؛ نص الاتفاق غير معروف لمحرري هذا الملف.",
    "开展人工智能合作，使人人受益：能力建设、资源协作、全球治理。示意性表述；本文件的编者未见协定文本。",
    "Cooperation on artificial intelligence for the benefit of all: capacity building, resource collaboration, global governance. Illustrative wording; the text of the agreement is not known to the editors of this file.",
    "Coopération dans le domaine de l'intelligence artificielle au profit de tous : renforcement des capacités, mise en commun des ressources, gouvernance mondiale. Formulation illustrative ; le texte de l'accord n'est pas connu des rédacteurs de ce fichier.",
    "Сотрудничество в области искусственного интеллекта на благо всех: наращивание потенциала, совместное использование ресурсов, глобальное управление. Примерная формулировка; текст соглашения составителям этого файла не известен.",
    "Cooperación en inteligencia artificial en beneficio de todos: creación de capacidad, colaboración en materia de recursos, gobernanza mundial. Redacción ilustrativa; los redactores de este archivo no conocen el texto del acuerdo.")

CLASSES = [
    ("state", texts("دولة", "国家", "State", "État", "Государство", "Estado"), True,
     DECIDE + RECEIVE + GIVE + BETWEEN + RESTRICT + KEYS + MANDATES),
    ("company", texts("شركة", "企业", "Company", "Entreprise", "Компания", "Empresa"), False, RECEIVE + GIVE + BETWEEN + KEYS),
    ("research", texts("مؤسسة بحثية", "研究机构", "Research institution", "Institution de recherche",
                       "Научное учреждение", "Institución de investigación"), False, RECEIVE + GIVE + BETWEEN + KEYS),
    ("international-organization",
     texts("منظمة دولية", "国际组织", "International organization", "Organisation internationale",
           "Международная организация", "Organización internacional"), False, GIVE + BETWEEN + KEYS),
    ("issuing-body", texts("جهة مصدرة للقيود", "限制措施发布机构", "Issuing body", "Organisme émetteur",
                           "Орган, вводящий ограничения", "Entidad emisora"), False, RESTRICT + KEYS),
    ("office", texts("مكتب", "办公机构", "Office", "Bureau", "Служба", "Oficina"), False, KEYS),
]

STATUSES = [
    ("founding-signatory", texts("دولة موقعة مؤسسة", "创始签署国", "Founding signatory", "Signataire fondateur",
                                 "Подписавшее государство-основатель", "Signatario fundador")),
    ("signatory", texts("دولة موقعة", "签署国", "Signatory", "Signataire", "Подписавшее государство", "Signatario")),
    ("contracting-party", texts("طرف متعاقد", "缔约方", "Contracting party", "Partie contractante",
                                "Договаривающаяся сторона", "Parte contratante")),
    ("observer", texts("مراقب", "观察员", "Observer", "Observateur", "Наблюдатель", "Observador")),
    ("invitee", texts("مدعو", "受邀方", "Invitee", "Invité", "Приглашённая сторона", "Invitado")),
    ("registered", texts("مسجل", "已登记", "Registered", "Enregistré", "Зарегистрирован", "Registrado")),
    ("withdrawn", texts("منسحب", "已退出", "Withdrawn", "Retiré", "Вышедшая сторона", "Retirado")),
    ("in-office", texts("في الخدمة", "在任", "In office", "En fonction", "При исполнении", "En funciones")),
]

ORGANS = [("council", texts("المجلس", "理事会", "Council", "Conseil", "Совет", "Consejo"),
           ["state"], ["founding-signatory", "signatory", "contracting-party"])]

ROLES = [
    ("operator", texts("المشغل", "运行方", "Operator", "Opérateur", "Оператор", "Operador"), "operator-office",
     ["institution.clock", "institution.state_root", "decide.outcome", "exchange.result"]),
    ("registrar", texts("أمين السجل", "登记官", "Registrar", "Greffier", "Регистратор", "Registrador"), "secretariat",
     ["institution.member", "institution.status"] + KEYS + MANDATES),
    ("secretariat", texts("الأمانة", "秘书处", "Secretariat", "Secrétariat", "Секретариат", "Secretaría"),
     "secretariat", ["exchange.beacon", "exchange.repetition_end", "exchange.round"]),
]

OFFICES = [
    ("operator-office", texts("مكتب المشغل", "运行办公室", "Operator's office", "Bureau de l'opérateur",
                              "Служба оператора", "Oficina del operador")),
    ("secretariat", texts("الأمانة", "秘书处", "Secretariat", "Secrétariat", "Секретариат", "Secretaría")),
]

ILLUSTRATIVE = "Illustrative. The decision rules of WAICO are not known; nobody has endorsed this one."
PROCEDURES = [
    ("silence-72h", texts("إجراء عدم الاعتراض لمدة 72 ساعة", "72小时默许程序", "Silence procedure of 72 hours",
                          "Procédure d'approbation tacite de 72 heures", "Процедура умолчания продолжительностью 72 часа",
                          "Procedimiento de acuerdo tácito de 72 horas"),
     ILLUSTRATIVE + " After the practice of UN General Assembly decision 74/544.",
     {"kind": "silence", "seconds_min": 72 * 3600, "fallback": "two-thirds"}),
    ("two-thirds", texts("تصويت مسجل بأغلبية الثلثين", "三分之二多数记录表决", "Recorded vote, two thirds",
                         "Vote enregistré, deux tiers", "Заносимое в отчёт голосование, две трети",
                         "Votación registrada, dos tercios"),
     ILLUSTRATIVE + " Two thirds of those present and voting; half of the entitled take part.",
     {"kind": "recorded_vote", "base": "present_and_voting", "comparison": "at_least", "share": "2/3",
      "quorum": "1/2", "seconds_min": 72 * 3600}),
    ("simple-majority", texts("تصويت مسجل بالأغلبية البسيطة", "简单多数记录表决", "Recorded vote, simple majority",
                              "Vote enregistré, majorité simple", "Заносимое в отчёт голосование, простое большинство",
                              "Votación registrada, mayoría simple"),
     ILLUSTRATIVE + " More than half of those present and voting; half of the entitled take part.",
     {"kind": "recorded_vote", "base": "present_and_voting", "comparison": "more_than", "share": "1/2",
      "quorum": "1/2", "seconds_min": 72 * 3600}),
]

UNITS = [
    ("training-place", texts("مقعد تدريبي", "培训名额", "Training place", "Place de formation", "Учебное место",
                             "Plaza de formación")),
    ("gpu-hour", texts("ساعة معالج رسومي", "GPU小时", "GPU-hour", "Heure de GPU", "Час работы GPU", "Hora de GPU")),
    ("model-licence", texts("ترخيص نموذج", "模型许可", "Model licence", "Licence de modèle", "Лицензия на модель",
                            "Licencia de modelo")),
    ("dataset-licence", texts("ترخيص مجموعة بيانات", "数据集许可", "Dataset licence", "Licence de jeu de données",
                              "Лицензия на набор данных", "Licencia de conjunto de datos")),
    ("tool-licence", texts("ترخيص أداة برمجية", "软件工具许可", "Tool licence", "Licence d'outil",
                           "Лицензия на программное средство", "Licencia de herramienta")),
    ("device", texts("جهاز", "设备（台）", "Device", "Appareil", "Устройство", "Dispositivo")),
    ("expert-day", texts("يوم خبير", "专家工作日", "Expert day", "Jour d'expert", "День работы эксперта",
                         "Día de experto")),
]

ITEM_CLASSES = [
    ("training", texts("تدريب", "培训", "Training", "Formation", "Обучение", "Formación")),
    ("compute-hosted", texts("حوسبة مستضافة", "托管算力", "Hosted compute", "Calcul hébergé",
                             "Размещённые вычислительные мощности", "Cómputo alojado")),
    ("compute-equipment", texts("معدات حوسبة", "计算设备", "Compute equipment", "Équipement de calcul",
                                "Вычислительное оборудование", "Equipo de cómputo")),
    ("model-weights", texts("أوزان نماذج", "模型权重", "Model weights", "Poids de modèles", "Веса моделей",
                            "Pesos de modelos")),
    ("dataset", texts("مجموعة بيانات", "数据集", "Dataset", "Jeu de données", "Набор данных", "Conjunto de datos")),
    ("software-tool", texts("أداة برمجية", "软件工具", "Software tool", "Outil logiciel", "Программное средство",
                            "Herramienta de software")),
]

END_USES = [
    ("public-health", texts("الصحة العامة", "公共卫生", "Public health", "Santé publique", "Общественное здравоохранение",
                            "Salud pública")),
    ("agriculture", texts("الزراعة", "农业", "Agriculture", "Agriculture", "Сельское хозяйство", "Agricultura")),
    ("weather-early-warning", texts("الإنذار المبكر بالأحوال الجوية", "气象预警", "Weather early warning",
                                    "Alerte météorologique précoce", "Раннее предупреждение о погодных явлениях",
                                    "Alerta meteorológica temprana")),
    ("education", texts("التعليم", "教育", "Education", "Éducation", "Образование", "Educación")),
    ("public-administration", texts("الإدارة العامة", "公共行政", "Public administration", "Administration publique",
                                    "Государственное управление", "Administración pública")),
    ("research", texts("البحث العلمي", "科研", "Research", "Recherche", "Научные исследования", "Investigación")),
    ("language-technology", texts("تقنيات اللغة", "语言技术", "Language technology", "Technologies des langues",
                                  "Языковые технологии", "Tecnologías del lenguaje")),
]

COMMENTS = {
    "": ["An institution to start from, made of public facts about the World AI Cooperation Organization.",
         "Written by tools/build_templates.py from data/; do not edit, copy it to another file first.",
         "",
         "Unofficial. Nobody has endorsed this file: no state, no organization, no office named in it.",
         "Not known, and therefore illustrative here: organs, roles, procedures, rights, units, lists.",
         "Facts: who signed, observes or was invited, and when; each with its sources and how sure it is."],
    "founding": ["Who the record is. `comityd init --template FILE --data DIR` adds keys and the time.",
                 "Names in Arabic, French, Russian and Spanish are translations by the editors."],
    "charter": ["What members adopt and amend. The canonical form must stay below 60,000 bytes."],
    "charter/classes": ["What the parties of a class may sign. No office may sign decide.position or decide.vote."],
    "charter/statuses": ["Signature is not ratification: no state here is a contracting party."],
    "charter/roles": ["A role gives its holder these statements and nothing else."],
    "charter/procedures": ["Illustrative: WAICO's own decision rules are not known."],
    "charter/groups": ["Dated lists of others, restricted to the states of data/states.json. See data/groups.json."],
    "charter/members": ["Signatories, observer, invitee, with dates; then two offices. Names: data/states.json."],
}


def load(name: str) -> dict:
    return json.loads((ROOT / "data" / name).read_text(encoding="utf-8"))


def named(entries: list) -> list:
    return [{"id": entry[0], "name": entry[1]} for entry in entries]


def build_members() -> list:
    states = {state["iso3"]: state for state in load("states.json")["states"]}
    with (ROOT / "data" / "population.csv").open(encoding="utf-8", newline="") as file:
        counted = {row["iso3"] for row in csv.DictReader(file)}
    members = []
    for party in load("waico.json")["parties"]:
        assert party["iso3"] in counted, party  # the register and the population table go together
        change = {key: party[key] for key in ("status", "from", "sources", "confidence", "note") if key in party}
        members.append({"id": party["iso3"].lower(), "member_class": "state",
                        "name": {language: states[party["iso3"]]["short"][language] for language in LANGUAGES},
                        "area": party["iso3"], "history": [change]})
    members.sort(key=lambda member: member["id"])
    for office, name in OFFICES:
        members.append({"id": office, "member_class": "office", "name": name, "history": [
            {"status": "in-office", "from": "2026-07-16", "sources": [], "confidence": "low",
             "note": "Illustrative: an office of this demonstration."}]})
    return members


def build() -> dict:
    waico, groups = load("waico.json"), load("groups.json")
    charter = {
        "purposes": PURPOSES,
        "sources": waico["sources"] + groups["sources"],
        "classes": [{"id": id_, "name": name, "statements": sorted(statements), "in_benefit_ledger": ledger}
                    for id_, name, ledger, statements in CLASSES],
        "statuses": named(STATUSES),
        "organs": [{"id": id_, "name": name, "classes": classes, "statuses": sorted(statuses)}
                   for id_, name, classes, statuses in ORGANS],
        "roles": [{"id": id_, "name": name, "holder": holder, "statements": sorted(statements)}
                  for id_, name, holder, statements in ROLES],
        "procedures": [{"id": id_, "name": name, "clause": clause, "rule": rule}
                       for id_, name, clause, rule in PROCEDURES],
        "units": named(UNITS),
        "item_classes": named(ITEM_CLASSES),
        "end_uses": named(END_USES),
        "groups": groups["groups"],
        "members": build_members(),
    }
    size = len(json.dumps(charter, ensure_ascii=False, separators=(",", ":")).encode())
    if size >= CHARTER_BYTES_MAX:
        sys.exit(f"The charter has {size} bytes; it must stay below {CHARTER_BYTES_MAX}.")
    print(f"charter: {size} bytes")
    return {"founding": FOUNDING, "charter": charter}


def render(value: object, indent: str, path: str) -> str:
    """JSON with the comments of COMMENTS; what fits stands on one line."""
    flat = json.dumps(value, ensure_ascii=False)
    has_comment = any(place and (place == path or place.startswith(path + "/")) for place in COMMENTS)
    if not isinstance(value, (dict, list)) or not value or (len(flat) + len(indent) <= 100 and not has_comment):
        return flat
    inner = indent + "  "
    if isinstance(value, list):
        return "[\n" + ",\n".join(inner + render(part, inner, path + "/-") for part in value) + f"\n{indent}]"
    lines = []
    for key, part in value.items():
        place = f"{path}/{key}" if path else key
        comments = "".join(f"{inner}// {line}".rstrip() + "\n" for line in COMMENTS.get(place, []))
        lines.append(f"{comments}{inner}{json.dumps(key)}: {render(part, inner, place)}")
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}"


def main() -> int:
    head = "".join(f"// {line}".rstrip() + "\n" for line in COMMENTS[""])
    text = head + render(build(), "", "") + "\n"
    path = ROOT / "templates" / "waico.json"
    if sys.argv[1:] == ["--check"]:
        if path.read_text(encoding="utf-8") != text:
            print("templates/waico.json is not what data/ says; run tools/build_templates.py")
            return 1
        return 0
    path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
