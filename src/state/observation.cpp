// SPDX-License-Identifier: Apache-2.0
#include "state/observation.h"

#include <boost/describe/enumerators.hpp>
#include <boost/mp11/algorithm.hpp>
#include <map>
#include <set>
#include <utility>

namespace comity::state {
namespace {

using exchange::Rivalry;
using institution::ClassId;
using institution::Institution;
using institution::MemberId;
using observe::Decimal;
using observe::Holding;

/// Members whose status lets them decide in an organ today, with their class.
std::map<MemberId, ClassId> deciding_members(const Institution& institution) {
    std::map<ClassId, std::set<institution::StatusId>> statuses;
    for (const auto& each : institution.charter.classes) {
        if (auto deciding = exchange::deciding_statuses(institution, each.id)) {
            statuses.emplace(each.id, *std::move(deciding));
        }
    }
    const Date today = date_of(institution.now);
    std::map<MemberId, ClassId> members;
    for (const auto& [id, record] : institution.members) {
        const auto deciding = statuses.find(record.member_class);
        if (deciding == statuses.end()) continue;
        const auto status = institution::status_on(record, today);
        if (status && deciding->second.contains(*status)) members.emplace(id, record.member_class);
    }
    return members;
}

using Amounts = std::vector<std::pair<MemberId, std::int64_t>>;  // a member may come often

/// Spreads amounts over members: those counted anyway, and those that have some.
class Spreading {
public:
    Spreading(const Institution& institution, std::optional<ClassId> member_class)
        : institution_(institution),
          member_class_(std::move(member_class)),
          deciding_(deciding_members(institution)) {}

    Spread spread(const Amounts& amounts) const {
        std::map<MemberId, ClassId> counted;
        std::vector<Holding> by_member;
        std::vector<Holding> by_class;
        const auto add = [&](const MemberId& member, const ClassId& its_class,
                             std::int64_t amount) {
            if (member_class_ && its_class != *member_class_) return;
            counted.emplace(member, its_class);
            by_member.push_back({member.text(), Decimal::of(amount)});
            by_class.push_back({its_class.text(), Decimal::of(amount)});
        };
        for (const auto& [member, its_class] : deciding_) add(member, its_class, 0);
        for (const auto& [member, amount] : amounts) add(member, class_of(member), amount);
        Spread made;
        made.concentration = observe::concentration(by_member);
        made.classes = class_parts(counted, observe::concentration(by_class));
        return made;
    }

    const std::map<MemberId, ClassId>& deciding() const { return deciding_; }
    const ClassId& class_of(const MemberId& member) const {
        return institution_.members.at(member).member_class;
    }

private:
    static std::vector<ClassPart> class_parts(const std::map<MemberId, ClassId>& counted,
                                              const observe::Concentration& by_class) {
        std::map<ClassId, ClassPart> parts;
        for (const auto& [member, its_class] : counted) {
            ClassPart& part = parts[its_class];
            part.member_class = its_class;
            ++part.members;
        }
        for (auto& [id, part] : parts) {
            part.amount = "0";
            part.share = "0";
            for (const observe::HolderShare& share : by_class.shares) {
                if (share.holder != id.text()) continue;
                part.amount = share.amount;
                part.share = share.share;
                part.per_thousand = share.per_thousand;
            }
        }
        std::vector<ClassPart> list;
        list.reserve(parts.size());
        for (auto& [id, part] : parts) list.push_back(std::move(part));
        return list;
    }

    const Institution& institution_;
    std::optional<ClassId> member_class_;
    std::map<MemberId, ClassId> deciding_;
};

Amounts offered(const exchange::Exchange& exchange, const institution::UnitId& unit,
                Rivalry rivalry) {
    Amounts amounts;
    for (const auto& [id, record] : exchange.offers) {
        if (record.unit() != unit || record.offer.rivalry != rivalry) continue;
        if (!record.withdrawn_at) {
            amounts.emplace_back(record.provider, record.quantity());
        } else if (record.promised > 0) {
            amounts.emplace_back(record.provider, record.promised);
        }
    }
    return amounts;
}

Amounts confirmed(const exchange::Exchange& exchange, const institution::UnitId& unit,
                  bool by_receiver) {
    Amounts amounts;
    for (const auto& [id, record] : exchange.deliveries) {
        const exchange::Arrival* arrival = record.arrival();
        const auto& offer = exchange.offers.at(record.delivery.offer);
        if (arrival == nullptr || offer.unit() != unit || arrival->confirmation.quantity == 0) {
            continue;
        }
        const MemberId& member =
            by_receiver ? exchange.needs.at(record.delivery.need).member : offer.provider;
        amounts.emplace_back(member, arrival->confirmation.quantity);
    }
    return amounts;
}

Amounts amounts_of(const exchange::Exchange& exchange, const institution::UnitId& unit,
                   Measured measured) {
    switch (measured) {
        case Measured::offered:
            return offered(exchange, unit, Rivalry::rival);
        case Measured::offered_non_rival:
            return offered(exchange, unit, Rivalry::non_rival);
        case Measured::provided:
            return confirmed(exchange, unit, false);
        case Measured::received:
            break;
    }
    return confirmed(exchange, unit, true);
}

Result<BenefitRow> benefit_row(const State& state, const institution::UnitId& unit,
                               const ClassId& member_class,
                               const std::optional<exchange::GroupOn>& group) {
    const exchange::BenefitLedger ledger = TRY(exchange::benefit(
        state.exchange, state.institution,
        {.unit = unit,
         .member_class = member_class,
         .group = group,
         .without = {},
         .weights = {},
         .statuses = exchange::deciding_statuses(state.institution, member_class)}));
    return BenefitRow{.member_class = member_class,
                      .group = group,
                      .members = static_cast<std::uint32_t>(ledger.members.size()),
                      .zero_receivers = static_cast<std::uint32_t>(ledger.zero_receivers.size()),
                      .among_askers = ledger.among_askers,
                      .among_all = ledger.among_all};
}

Result<std::vector<BenefitRow>> benefit_rows(const State& state, const UnitQuestion& question) {
    const Institution& institution = state.institution;
    std::vector<BenefitRow> rows;
    for (const auto& each : institution.charter.classes) {
        const bool is_asked = !question.member_class || each.id == *question.member_class;
        if (!each.in_benefit_ledger || !is_asked) continue;
        BenefitRow whole = TRY(benefit_row(state, question.unit, each.id, {}));
        rows.push_back(std::move(whole));
        for (const auto& group : institution.charter.groups) {
            const exchange::GroupOn on{.group = group.id, .day = date_of(institution.now)};
            BenefitRow row = TRY(benefit_row(state, question.unit, each.id, on));
            if (row.members > 0) rows.push_back(std::move(row));
        }
    }
    return rows;
}

/// Adds what a motion says of its mover. Only these two statements of the fold are about the mover.
void count_mover(MemberInfluence& mover, const decide::MotionRecord& record) {
    ++mover.proposed;
    const auto* decided = std::get_if<decide::Decided>(&record.stage);
    if (decided == nullptr) {
        ++mover.open;
    } else if (decided->basis == decide::Basis::withdrawn) {
        ++mover.withdrawn;
    } else {
        ++(decided->adopted ? mover.adopted : mover.not_adopted);
    }
}

void count_entitled(MemberInfluence& member, const decide::MotionRecord& record) {
    ++member.entitled;
    const bool spoke =
        record.positions.contains(member.member) || record.votes.contains(member.member);
    const auto* decided = std::get_if<decide::Decided>(&record.stage);
    if (spoke) {
        ++member.took_part;
    } else if (decided != nullptr && decided->basis != decide::Basis::withdrawn) {
        ++member.said_nothing;
    }
}

}  // namespace

Result<UnitObservation> observe_unit(const State& state, const UnitQuestion& question) {
    if (institution::find_unit(state.institution, question.unit) == nullptr) {
        return Error{Code::not_found, "exchange/unknown-unit", "The charter has no such unit."};
    }
    if (const auto& asked = question.member_class;
        asked && institution::find_class(state.institution, *asked) == nullptr) {
        return Error{Code::not_found, "exchange/unknown-class",
                     "The charter has no such membership class."};
    }
    UnitObservation made;
    made.question = question;
    made.day = date_of(state.institution.now);
    const Spreading spreading(state.institution, question.member_class);
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<Measured>>([&](auto each) {
        made.spreads.push_back(
            {each.value, spreading.spread(amounts_of(state.exchange, question.unit, each.value))});
    });
    made.benefit = TRY(benefit_rows(state, question));
    return made;
}

Influence influence(const State& state) {
    const Spreading spreading(state.institution, {});
    std::map<MemberId, MemberInfluence> members;
    const auto counted = [&](const MemberId& id) -> MemberInfluence& {
        MemberInfluence& member = members[id];
        member.member = id;
        member.member_class = spreading.class_of(id);
        return member;
    };
    for (const auto& [id, its_class] : spreading.deciding()) counted(id);
    for (const auto& [id, record] : state.decide.motions) {
        count_mover(counted(record.mover), record);
        for (const MemberId& entitled : record.roll) count_entitled(counted(entitled), record);
    }
    Influence made;
    made.day = date_of(state.institution.now);
    made.motions = static_cast<std::uint32_t>(state.decide.motions.size());
    Amounts proposed;
    Amounts adopted;
    made.members.reserve(members.size());
    for (auto& [id, member] : members) {
        proposed.emplace_back(id, member.proposed);
        adopted.emplace_back(id, member.adopted);
        made.members.push_back(std::move(member));
    }
    made.proposed = spreading.spread(proposed);
    made.adopted = spreading.spread(adopted);
    return made;
}

std::vector<observe::Explanation> observation_explained() {
    return {{"source",
             "The record itself: every number is recomputed from its signed entries, and "
             "replaying them gives the same."},
            {"members",
             "Counted are parties whose status lets them decide in an organ, on the day of "
             "the logged clock, and whoever else has an amount. Observers, invitees and "
             "offices without any count nowhere."},
            {"offered",
             "Units of rival offers on the record, by their provider; of a withdrawn one, "
             "what stays promised."},
            {"offered_non_rival",
             "Units that one receiver may get of non-rival offers, by their "
             "provider. Anybody lawful can have them, so they stand apart."},
            {"provided", "Units whose arrival a receiver confirmed, by the member that delivered."},
            {"received", "The same units by the member that confirmed: the benefit."},
            {"shares",
             "A member's units over the total; per thousand, to the nearest, halves up. "
             "Units of different kinds are never added."},
            {"classes", "Where classes stand together, the part of each class is shown beside it."},
            {"hhi",
             "Herfindahl-Hirschman index: the sum of the squares of all shares, in "
             "ten-thousandths, to the nearest, halves up. 10,000: one member has all."},
            {"lorenz",
             "What the members with least have together, for each number of members; exact "
             "fractions from 0 to 1."},
            {"benefit",
             "Only units that a receiver confirmed; Gini coefficient, smallest and median "
             "as on the page of benefit, by class and by dated list."},
            {"influence",
             "Motions by the member that moved them, and how they ended. Took part: a "
             "position or a vote of the member on a motion on whose roll it stands. Said "
             "nothing: neither, until it was decided."},
            {"not_measured",
             "Amendments, items of an agenda, speaking time and chairs: this record "
             "has no such statements, so nothing is said about them."}};
}

}  // namespace comity::state
