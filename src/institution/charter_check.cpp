// SPDX-License-Identifier: Apache-2.0
#include "institution/charter_check.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <set>

#include "institution/limits.h"

namespace comity::institution {

Place Place::at(std::string_view member) const {
    Place place = *this;
    place.pointer_.append("/").append(member);
    return place;
}

Place Place::at(std::size_t element) const { return at(std::to_string(element)); }

Error Place::error(std::string_view sentence) const {
    return Error{Code::invalid, reason_, pointer_ + ": " + std::string(sentence)};
}

namespace {

bool is_control(char c) {
    const auto octet = static_cast<unsigned char>(c);
    return (octet < 0x20 && c != '\n') || octet == 0x7f;
}

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

/// Ids of one list: there, once each, and not too many.
template <class Element>
Result<> check_ids(const std::vector<Element>& list, const Place& place) {
    if (list.size() > charter_list_max) {
        return place.error("A list of the charter has at most " + std::to_string(charter_list_max) +
                           " elements.");
    }
    std::set<decltype(Element::id)> seen;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const auto& id = list[i].id;
        const Place id_place = place.at(i).at("id");
        if (id.is_empty()) return id_place.error("Give it an id.");
        if (!seen.insert(id).second) {
            return id_place.error("The id " + quoted(id.text()) + " is taken; choose another.");
        }
    }
    return {};
}

template <class Element>
Result<> check_named(const std::vector<Element>& list, const Place& place) {
    TRY(check_ids(list, place));
    for (std::size_t i = 0; i < list.size(); ++i) {
        TRY(check_text(list[i].name, name_bytes_max, place.at(i).at("name")));
    }
    return {};
}

/// Each of `ids`, in their order, names an element of `list`.
template <class Ids, class Element>
Result<> check_known(const Ids& ids, const std::vector<Element>& list, const Place& place) {
    std::size_t i = 0;
    for (const auto& id : ids) {
        if (find_by_id(list, id) == nullptr) {
            return place.at(i).error("Nothing in the charter has the id " + quoted(id.text()) +
                                     ".");
        }
        ++i;
    }
    return {};
}

Result<> check_sources(const std::vector<Source>& sources, const Place& place) {
    TRY(check_ids(sources, place));
    for (std::size_t i = 0; i < sources.size(); ++i) {
        TRY(check_text(sources[i].title, name_bytes_max, place.at(i).at("title")));
        if (const auto& url = sources[i].url) {
            TRY(check_text(*url, name_bytes_max, place.at(i).at("url")));
        }
    }
    return {};
}

bool is_word(std::string_view word) {
    const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
    return !word.empty() && is_letter(word.front()) &&
           std::all_of(word.begin(), word.end(),
                       [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; });
}

bool is_statement_type(std::string_view type) {
    const auto dot = type.find('.');
    return type.size() <= 64 && dot != std::string_view::npos && is_word(type.substr(0, dot)) &&
           is_word(type.substr(dot + 1));
}

// The institution's own statements that a class or a role may be given. `founding` and `charter`
// are entered once, by founding; what changes the charter later is a decision.
constexpr std::array<std::string_view, 8> own_types = {
    "institution.member",  "institution.status",      "institution.key",
    "institution.mandate", "institution.mandate_end", "institution.key_revocation",
    "institution.clock",   "institution.state_root"};
// Those of them that order the record: a function of an office, never a right of a whole class.
constexpr std::array<std::string_view, 2> role_only_types = {"institution.clock",
                                                             "institution.state_root"};

template <class List>
bool contains(const List& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

enum class GivenTo { members_of_class, holder_of_role };

/// Types of other parts are taken in any well-formed spelling; state/ knows which of them exist.
Result<> check_statements(const std::set<std::string>& statements, GivenTo given_to,
                          const Place& place) {
    std::size_t i = 0;
    for (const std::string& type : statements) {
        const Place here = place.at(i++);
        if (!is_statement_type(type)) {
            return here.error("Write a statement type as part.type, such as exchange.need.");
        }
        if (type.starts_with("institution.") && !contains(own_types, type)) {
            return here.error("Nobody can be given " + quoted(type) +
                              "; leave it out, or correct the name.");
        }
        if (given_to == GivenTo::members_of_class && contains(role_only_types, type)) {
            return here.error("Only a role can be given " + quoted(type) + ", not a class.");
        }
    }
    return {};
}

Result<> check_classes(const Charter& charter, const Place& place) {
    TRY(check_named(charter.classes, place));
    if (charter.classes.empty()) return place.error("Define at least one class of members.");
    for (std::size_t i = 0; i < charter.classes.size(); ++i) {
        TRY(check_statements(charter.classes[i].statements, GivenTo::members_of_class,
                             place.at(i).at("statements")));
    }
    return {};
}

Result<> check_organs(const Charter& charter, const Place& place) {
    TRY(check_named(charter.organs, place));
    for (std::size_t i = 0; i < charter.organs.size(); ++i) {
        const Organ& organ = charter.organs[i];
        const Place here = place.at(i);
        if (organ.classes.empty()) {
            return here.at("classes").error("Name a class, or nobody is entitled in this organ.");
        }
        if (organ.statuses.empty()) {
            return here.at("statuses").error("Name a status, or nobody is entitled in this organ.");
        }
        TRY(check_known(organ.classes, charter.classes, here.at("classes")));
        TRY(check_known(organ.statuses, charter.statuses, here.at("statuses")));
    }
    return {};
}

Result<> check_roles(const Charter& charter, const std::function<bool(const MemberId&)>& is_party,
                     const Place& place) {
    TRY(check_named(charter.roles, place));
    for (std::size_t i = 0; i < charter.roles.size(); ++i) {
        const Role& role = charter.roles[i];
        if (!is_party(role.holder)) {
            return place.at(i).at("holder").error("No party has the id " +
                                                  quoted(role.holder.text()) + ".");
        }
        TRY(check_statements(role.statements, GivenTo::holder_of_role,
                             place.at(i).at("statements")));
    }
    return {};
}

Result<> check_period(std::int64_t seconds, const Place& place) {
    if (seconds < 0 || seconds > period_seconds_max) {
        return place.error("Write a period between 0 and " + std::to_string(period_seconds_max) +
                           " seconds.");
    }
    return {};
}

Result<> check_share(const Rational& share, const Place& place) {
    const bool in_range = share.den > 0 && share.num >= 0 && share.num <= share.den;
    if (!in_range || std::gcd(share.num, share.den) != 1) {
        return place.error("Write a share between 0 and 1 in lowest terms, such as 2/3.");
    }
    return {};
}

Result<> check_silence(const Charter& charter, const SilenceProcedure& rule, const Place& place) {
    TRY(check_period(rule.seconds_min, place.at("seconds_min")));
    if (!rule.fallback) return {};
    const Procedure* fallback = find_by_id(charter.procedures, *rule.fallback);
    if (fallback == nullptr || !std::holds_alternative<RecordedVote>(fallback->rule)) {
        return place.at("fallback")
            .error("No recorded vote has the id " + quoted(rule.fallback->text()) + ".");
    }
    return {};
}

Result<> check_vote(const RecordedVote& rule, const Place& place) {
    TRY(check_period(rule.seconds_min, place.at("seconds_min")));
    TRY(check_share(rule.share, place.at("share")));
    TRY(check_share(rule.quorum, place.at("quorum")));
    if (rule.comparison == Comparison::at_least && rule.share.num == 0) {
        return place.at("share").error("At least nothing is no majority; ask for more than 0.");
    }
    if (rule.comparison == Comparison::more_than && rule.share.num == rule.share.den) {
        return place.at("share").error("More than all can never be reached; ask for at least 1.");
    }
    return {};
}

Result<> check_procedures(const Charter& charter, const Place& place) {
    TRY(check_named(charter.procedures, place));
    for (std::size_t i = 0; i < charter.procedures.size(); ++i) {
        const Procedure& procedure = charter.procedures[i];
        const Place here = place.at(i);
        TRY(check_text(procedure.clause, name_bytes_max, here.at("clause")));
        if (const auto* silence = std::get_if<SilenceProcedure>(&procedure.rule)) {
            TRY(check_silence(charter, *silence, here.at("rule")));
        } else {
            TRY(check_vote(std::get<RecordedVote>(procedure.rule), here.at("rule")));
        }
    }
    return {};
}

/// No two periods of one area in a group overlap: on each day an area is listed once or not.
Result<> check_periods(const std::vector<GroupMembership>& members, const Place& place) {
    if (members.size() > charter_list_max) {
        return place.error("A group lists at most " + std::to_string(charter_list_max) +
                           " periods.");
    }
    std::map<AreaCode, std::vector<std::size_t>> by_area;
    for (std::size_t i = 0; i < members.size(); ++i) {
        const GroupMembership& one = members[i];
        if (one.area.text().empty()) return place.at(i).at("area").error("Name the area.");
        if (one.until && *one.until <= one.from) {
            return place.at(i).at("until").error(
                "The first day off the list comes after the first day on it.");
        }
        by_area[one.area].push_back(i);
    }
    for (auto& [area, periods] : by_area) {
        std::sort(periods.begin(), periods.end(),
                  [&](std::size_t a, std::size_t b) { return members[a].from < members[b].from; });
        for (std::size_t i = 1; i < periods.size(); ++i) {
            const auto& until = members[periods[i - 1]].until;
            if (until && *until <= members[periods[i]].from) continue;
            return place.at(periods[i]).error("Two periods of " + area.text() + " overlap.");
        }
    }
    return {};
}

Result<> check_groups(const Charter& charter, const Place& place) {
    TRY(check_named(charter.groups, place));
    for (std::size_t i = 0; i < charter.groups.size(); ++i) {
        const Group& group = charter.groups[i];
        if (find_by_id(charter.sources, group.source) == nullptr) {
            return place.at(i).at("source").error("No source has the id " +
                                                  quoted(group.source.text()) + ".");
        }
        TRY(check_periods(group.members, place.at(i).at("members")));
    }
    return {};
}

/// A name in checkpoints: what C2SP signed-note allows (no space, no plus), in lower-case ASCII,
/// and no scheme, because it names the record wherever that is served.
bool is_origin(const std::string& origin) {
    const auto is_allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               std::string_view("-._~/:").find(c) != std::string_view::npos;
    };
    return !origin.empty() && origin.size() <= origin_bytes_max &&
           std::all_of(origin.begin(), origin.end(), is_allowed) &&
           origin.find("//") == std::string::npos && origin.front() != '/' && origin.back() != '/';
}

Result<> check_key(const crypto::PublicKey& key, crypto::Algorithm algorithm, const Place& place) {
    if (key.algorithm != algorithm) {
        return place.error(algorithm == crypto::Algorithm::ed25519 ? "Give an Ed25519 key."
                                                                   : "Give an ES256 key.");
    }
    if (const auto checked = crypto::checked_public_key(key.algorithm, key.octets); !checked) {
        return place.error(checked.error().message);
    }
    return {};
}

/// The seals that the record starts with: each of a party, a key of its own, proven by it.
Result<> check_seals(const Founding& founding, const Charter& charter, const Place& place) {
    if (founding.seals.size() > founding_seals_max) {
        return place.error("Give at most " + std::to_string(founding_seals_max) + " seals.");
    }
    std::set<crypto::PublicKey> keys{founding.checkpoint_key, founding.receipt_key,
                                     founding.operator_key};
    for (std::size_t i = 0; i < founding.seals.size(); ++i) {
        const KeyRegistration& seal = founding.seals[i];
        const Place here = place.at(std::to_string(i));
        if (find_by_id(charter.members, seal.member) == nullptr) {
            return here.at("member").error("The charter lists no party " +
                                           quoted(seal.member.text()) + ".");
        }
        if (seal.delegate) {
            return here.at("delegate").error("A record starts with seals of parties only.");
        }
        TRY(check_key(seal.public_key, seal.public_key.algorithm, here.at("public_key")));
        if (!keys.insert(seal.public_key).second) {
            return here.at("public_key").error("A key has one purpose; give another one here.");
        }
        const Bytes message = key_proof_message(founding.origin, seal);
        if (!crypto::verify(seal.public_key, message, seal.proof)) {
            return here.at("proof").error("It is not a signature by this key for this record.");
        }
    }
    return {};
}

}  // namespace

Result<> check_text(std::string_view text, std::size_t bytes_max, const Place& place) {
    if (text.empty()) return place.error("Write something here.");
    if (text.size() > bytes_max) {
        return place.error("Shorten this to " + std::to_string(bytes_max) + " octets.");
    }
    if (std::any_of(text.begin(), text.end(), is_control)) {
        return place.error("Leave out control characters.");
    }
    return {};
}

Result<> check_text(const LocalizedText& text, std::size_t bytes_max, const Place& place) {
    if (text.empty()) return place.error("Write this in at least one language.");
    if (text.size() > languages_max) {
        return place.error("At most " + std::to_string(languages_max) + " languages fit here.");
    }
    for (const auto& [language, words] : text) {
        TRY(check_text(words, bytes_max, place.at(language.text())));
    }
    return {};
}

Result<> check_member(const Charter& charter, const Member& member, const Place& place) {
    if (member.id.is_empty()) return place.at("id").error("Give the party an id.");
    if (find_by_id(charter.classes, member.member_class) == nullptr) {
        return place.at("member_class")
            .error("No class has the id " + quoted(member.member_class.text()) + ".");
    }
    TRY(check_text(member.name, name_bytes_max, place.at("name")));
    if (member.area && member.area->text().empty()) {
        return place.at("area").error("Name the area, or leave it out.");
    }
    if (member.history.size() > history_max) {
        return place.at("history").error("At most " + std::to_string(history_max) +
                                         " changes fit here.");
    }
    for (std::size_t i = 0; i < member.history.size(); ++i) {
        const StatusChange& change = member.history[i];
        const Place here = place.at("history").at(i);
        if (find_by_id(charter.statuses, change.status) == nullptr) {
            return here.at("status").error("No status has the id " + quoted(change.status.text()) +
                                           ".");
        }
        if (i > 0 && change.from <= member.history[i - 1].from) {
            return here.at("from").error("Each change is later than the one before it.");
        }
        TRY(check_known(change.sources, charter.sources, here.at("sources")));
        if (change.note) TRY(check_text(*change.note, text_bytes_max, here.at("note")));
    }
    return {};
}

Result<> check_charter(const Charter& charter,
                       const std::function<bool(const MemberId&)>& is_party) {
    const Place top("institution/bad-charter");
    TRY(check_text(charter.purposes, text_bytes_max, top.at("purposes")));
    TRY(check_sources(charter.sources, top.at("sources")));
    TRY(check_classes(charter, top.at("classes")));
    TRY(check_named(charter.statuses, top.at("statuses")));
    TRY(check_organs(charter, top.at("organs")));
    TRY(check_roles(charter, is_party, top.at("roles")));
    TRY(check_procedures(charter, top.at("procedures")));
    TRY(check_named(charter.units, top.at("units")));
    TRY(check_named(charter.item_classes, top.at("item_classes")));
    TRY(check_named(charter.end_uses, top.at("end_uses")));
    TRY(check_groups(charter, top.at("groups")));
    TRY(check_ids(charter.members, top.at("members")));
    for (std::size_t i = 0; i < charter.members.size(); ++i) {
        TRY(check_member(charter, charter.members[i], top.at("members").at(i)));
    }
    return {};
}

Result<> check_identity(const std::string& origin, const LocalizedText& name,
                        const std::optional<LocalizedText>& demonstration,
                        const MemberId& operator_id, const Charter& charter) {
    const Place top("institution/bad-founding");
    if (!is_origin(origin)) {
        return top.at("origin").error(
            "Write a host name and, if you like, a path: lower-case letters, digits, hyphens, dots "
            "and slashes, without a scheme.");
    }
    TRY(check_text(name, name_bytes_max, top.at("name")));
    if (demonstration) {
        TRY(check_text(*demonstration, name_bytes_max, top.at("demonstration")));
    }
    if (find_by_id(charter.members, operator_id) == nullptr) {
        return top.at("operator_id")
            .error("The charter lists no party " + quoted(operator_id.text()) +
                   "; add it to its members.");
    }
    return {};
}

Result<> check_founding(const Founding& founding, const Charter& charter) {
    const Place top("institution/bad-founding");
    TRY(check_identity(founding.origin, founding.name, founding.demonstration, founding.operator_id,
                       charter));
    TRY(check_key(founding.checkpoint_key, crypto::Algorithm::ed25519, top.at("checkpoint_key")));
    TRY(check_key(founding.receipt_key, crypto::Algorithm::es256, top.at("receipt_key")));
    TRY(check_key(founding.operator_key, founding.operator_key.algorithm, top.at("operator_key")));
    if (founding.operator_key == founding.checkpoint_key ||
        founding.operator_key == founding.receipt_key) {
        return top.at("operator_key")
            .error("A key has one purpose; give the operator a key of its own.");
    }
    if (founding.founded_at.seconds <= 0) return top.at("founded_at").error("Give a time.");
    return check_seals(founding, charter, top.at("seals"));
}

}  // namespace comity::institution
