// SPDX-License-Identifier: Apache-2.0
//
// Pages: motions, motion, restrictions, restriction.

#include <algorithm>
#include <map>

#include "codec/json.h"
#include "server/page_parts.h"
#include "server/views.h"

namespace comity::server {
namespace {

Html outcome_of(const Reader& reader, const std::optional<decide::Ruling>& ruling) {
    if (!ruling) return reader.say("motion.open");
    return reader.say(ruling->adopted ? "motion.adopted" : "motion.not_adopted");
}

/// The clause and the counts that decided, or where the motion stands.
Html decision(const Reader& reader, const MotionView& view) {
    const decide::Explanation& why = view.explanation;
    const auto basis = why.ruling ? why.ruling->basis : decide::Basis::withdrawn;
    Html text;
    if (why.ruling) {
        text += paragraph(
            reader.say(std::string("decided.") + boost::describe::enum_to_string(basis, ""),
                       {{"time", reader.time(why.ruling->time)},
                        {"entry", reader.entry(why.ruling->decided_at)},
                        {"object", std::int64_t{why.counts.object}},
                        {"reservation", std::int64_t{why.counts.reservation}},
                        {"yes", std::int64_t{why.counts.yes}},
                        {"no", std::int64_t{why.counts.no}}}));
    } else if (why.closes_at) {
        text += paragraph(reader.say("motion.closes", {{"time", reader.time(*why.closes_at)}}));
    }
    text +=
        paragraph(reader.say("motion.clause", {{"procedure", reader.text(why.procedure_name)},
                                               {"clause", reader.text(why.clause)},
                                               {"version", std::int64_t{why.charter_version}}}));
    if (why.silence_broken_by) {
        text += paragraph(reader.say("motion.silence_broken",
                                     {{"member", reader.member(why.silence_broken_by->member)},
                                      {"entry", reader.entry(why.silence_broken_by->entry)},
                                      {"reason", reader.text(why.silence_broken_by->reason)}}));
    }
    if (why.quorum) {
        text += paragraph(
            reader.say(why.quorum->reached ? "motion.quorum_reached" : "motion.quorum_missed",
                       {{"participants", std::int64_t{why.quorum->participants}},
                        {"needed", why.quorum->participants_needed},
                        {"entitled", std::int64_t{why.quorum->entitled}},
                        {"share", reader.share(why.quorum->quorum)}}));
    }
    if (why.majority) {
        text += paragraph(
            reader.say(why.majority->reached ? "motion.majority_reached" : "motion.majority_missed",
                       {{"yes", std::int64_t{why.majority->yes}},
                        {"needed", why.majority->yes_needed},
                        {"base", reader.word("vote_base", why.majority->base)},
                        {"base_count", std::int64_t{why.majority->base_count}},
                        {"comparison", reader.word("comparison", why.majority->comparison)},
                        {"share", reader.share(why.majority->share)}}));
    }
    return text;
}

Html missing(const Reader& reader, const MotionView& view) {
    const decide::Missing& missing = view.missing;
    const bool is_open = !view.explanation.ruling;
    Html text;
    if (is_open) {
        text += heading(reader.say("motion.missing"));
        if (missing.yes_more == 0 && missing.participants_more == 0) {
            text += paragraph(reader.say(view.explanation.majority ? "motion.missing_nothing"
                                                                   : "motion.missing_time"));
        } else {
            text +=
                paragraph(reader.say("motion.missing_votes",
                                     {{"yes", std::int64_t{missing.yes_more}},
                                      {"participants", std::int64_t{missing.participants_more}}}));
        }
    }
    if (!missing.silent.empty()) {
        text += details(reader.say(view.explanation.majority ? "motion.absent" : "motion.silent",
                                   {{"n", static_cast<std::int64_t>(missing.silent.size())}}),
                        paragraph(reader.members(missing.silent)));
    }
    return text;
}

Html counts(const Reader& reader, const decide::Counts& counts, bool is_vote) {
    using Row = std::pair<const char*, std::uint32_t>;
    const std::vector<Row> rows =
        is_vote ? std::vector<Row>{{"choice.yes", counts.yes},
                                   {"choice.no", counts.no},
                                   {"choice.abstain", counts.abstention},
                                   {"count.absent", counts.absent}}
                : std::vector<Row>{{"position.support", counts.support},
                                   {"position.accept", counts.accept},
                                   {"position.reservation", counts.reservation},
                                   {"position.stand_aside", counts.stand_aside},
                                   {"position.abstain", counts.abstain},
                                   {"position.object", counts.object},
                                   {"count.silent", counts.silent}};
    Table table{.caption = reader.say(is_vote ? "motion.vote_counts" : "motion.position_counts",
                                      {{"entitled", std::int64_t{counts.entitled}}}),
                .columns = {{reader.say("col.position")}, {reader.say("col.count"), true}},
                .rows = {}};
    for (const auto& [id, count] : rows) {
        table.rows.push_back({reader.say(id), reader.number(count)});
    }
    return table.html();
}

/// By member; what was stated last first, and what it replaced below it.
template <class Stated, class Word>
Html statements(const Reader& reader, const Html& caption,
                const std::map<institution::MemberId, std::vector<Stated>>& stated,
                const Slice& part, const Word& word) {
    std::vector<institution::MemberId> members;
    members.reserve(stated.size());
    for (const auto& [member, all] : stated) members.push_back(member);
    reader.sort_by_name(members);
    Table table{.caption = caption,
                .columns = {{reader.say("col.member")},
                            {reader.say("col.position")},
                            {reader.say("col.reason")},
                            {reader.say("col.entry")}},
                .rows = {}};
    for (std::size_t i = part.first; i < std::min(part.last, members.size()); ++i) {
        const auto& all = stated.at(members[i]);
        for (auto said = all.rbegin(); said != all.rend(); ++said) {
            Html words = word(*said).first;
            if (said != all.rbegin()) words = reader.say("motion.replaced", {{"position", words}});
            table.rows.push_back(
                {reader.member(members[i]), words, word(*said).second, reader.entry(said->entry)});
        }
    }
    return table.rows.empty() ? Html() : table.html();
}

Html positions(const Reader& reader, const MotionView& view, const Slice& part) {
    Html text = statements(reader, reader.say("motion.positions"), view.record.positions, part,
                           [&](const auto& said) {
                               return std::pair(reader.word("position", said.position),
                                                said.reason ? reader.text(*said.reason) : none());
                           });
    text += statements(
        reader, reader.say("motion.votes"), view.record.votes, part, [&](const auto& said) {
            return std::pair(reader.word("choice", said.choice),
                             said.explanation ? reader.text(*said.explanation) : none());
        });
    return text;
}

/// What tells an effect from others of its kind: the id of what it adopts or is about.
std::string name_of(const decide::Effect& effect) {
    const auto* object = effect.value.as<codec::Object>();
    if (object == nullptr) return effect.kind;
    for (const std::string_view name : {"id", "unit", "delivery"}) {
        const auto found = object->find(std::string(name));
        const auto* id = found == object->end() ? nullptr : found->second.as<std::string>();
        if (id != nullptr) return *id;
    }
    return effect.kind;
}

Html effects(const Reader& reader, const MotionView& view) {
    const auto& effects = view.record.motion.effects;
    if (effects.empty()) return paragraph(reader.say("motion.no_effects"));
    Html text;
    if (view.effects) {
        text += paragraph(
            reader.say(view.effects->applied ? "motion.effects_applied" : "motion.effects_failed",
                       {{"entry", reader.entry(view.effects->entry)}}));
        if (!view.effects->applied) text += note(reader.text(view.effects->reason));
    }
    for (const decide::Effect& effect : effects) {
        text += details(
            reader.say("effect." + effect.kind) + Html::text(" ") + reader.code(name_of(effect)),
            element("pre", Html::text(codec::write_json_pretty(effect.value))));
    }
    return text;
}

Html treatment(const Reader& reader, rules::Treatment treatment) {
    return reader.word("treatment", treatment);
}

template <class Id, class Show>
Html listed(const Reader& reader, const std::optional<std::set<Id>>& list, const Show& show) {
    if (!list) return reader.say("restriction.any");
    Html text;
    for (const Id& id : *list) text += (text.empty() ? Html() : Html::text(", ")) + show(id);
    return text;
}

Html scope(const Reader& reader, const rules::Scope& scope) {
    const auto code = [&](const institution::AreaCode& area) { return reader.code(area.text()); };
    return facts_list(
        {{reader.say("fact.item_classes"),
          listed(reader, scope.item_classes,
                 [&](const institution::ItemClassId& id) { return reader.item_class(id); })},
         {reader.say("fact.origins"), listed(reader, scope.origins, code)},
         {reader.say("fact.destinations"), listed(reader, scope.destinations, code)},
         {reader.say("fact.end_uses"),
          listed(reader, scope.end_uses,
                 [&](const institution::EndUseId& id) { return reader.end_use(id); })}});
}

Html version(const Reader& reader, const rules::RestrictionVersion& version) {
    const rules::Restriction& restriction = version.restriction;
    const auto& clause = restriction.instrument.clause;
    Html text = subheading(
        reader.say("restriction.version", {{"version", std::int64_t{restriction.version}}}));
    text +=
        facts_list({{reader.say("fact.treatment"), treatment(reader, restriction.treatment)},
                    {reader.say("fact.period"), reader.period(restriction.from, restriction.until)},
                    {reader.say("fact.instrument"), reader.text(restriction.instrument.title)},
                    {reader.say("fact.clause"), clause ? reader.text(*clause) : none()},
                    {reader.say("fact.entry"), reader.entry(version.entry)}});
    text += scope(reader, restriction.scope);
    for (const rules::Scope& exception : restriction.exceptions) {
        text += details(reader.say("restriction.exception"), scope(reader, exception));
    }
    return text;
}

Html restriction_state(const Reader& reader, const RestrictionView& view) {
    if (view.record.withdrawn_at) return reader.say("restriction.withdrawn");
    return reader.say(view.in_force ? "restriction.in_force" : "restriction.not_in_force");
}

Html end_of(const Reader& reader, const MotionRow& row) {
    if (row.ruling) return reader.time(row.ruling->time);
    return row.closes_at ? reader.time(*row.closes_at) : Html();
}

}  // namespace

Result<Page> motions_page(const Ask& ask, const Reader& reader) {
    const std::vector<MotionRow> rows = motions_view(ask);
    const Slice part = TRY(slice(ask, rows.size()));
    Table table{.caption = reader.say("motions.caption"),
                .columns = {{reader.say("col.title")},
                            {reader.say("col.organ")},
                            {reader.say("col.mover")},
                            {reader.say("col.outcome")},
                            {reader.say("col.closes")},
                            {reader.say("col.entry")}},
                .rows = {}};
    for (std::size_t i = part.first; i < part.last; ++i) {
        const MotionRow& row = rows[i];
        table.rows.push_back({reader.motion(row.id.text()), reader.organ(row.organ),
                              reader.member(row.mover), outcome_of(reader, row.ruling),
                              end_of(reader, row), reader.entry(row.entry)});
    }
    Page page{.title = reader.say("nav.motions"), .trail = {}, .body = {}};
    page.body += paragraph(reader.say("motions.lead"));
    page.body += rows.empty() ? paragraph(reader.say("motions.none")) : table.html();
    page.body += page_links(reader, "motions", "", part);
    return page;
}

Result<Page> motion_page(const Ask& ask, const Reader& reader) {
    const MotionView view = TRY(motion_view(ask));
    const decide::MotionRecord& record = view.record;
    const Slice part = TRY(slice(ask, std::max(record.positions.size(), record.votes.size())));
    Page page{.title = reader.text(record.motion.title),
              .trail = {{"motions", reader.say("nav.motions")}},
              .body = {}};
    page.body += state_line(outcome_of(reader, view.explanation.ruling));
    page.body += decision(reader, view);
    page.body += facts_list({{reader.say("fact.id"), reader.code(record.motion.id.text())},
                             {reader.say("fact.mover"), reader.member(record.mover)},
                             {reader.say("fact.organ"), reader.organ(record.motion.organ)},
                             {reader.say("fact.opened"), reader.time(record.opened_at)},
                             {reader.say("fact.entry"), reader.entry(record.entry)},
                             {reader.say("fact.outcome_entry"),
                              view.published_at ? reader.entry(*view.published_at) : none()}});
    page.body += heading(reader.say("motion.text"));
    for (const decide::Paragraph& item : record.motion.text) {
        page.body += element(
            "p", {{"id", "p-" + item.number}},
            element("b", Html::text(item.number)) + Html::text(" ") + reader.text(item.text));
    }
    page.body += heading(reader.say("motion.effects")) + effects(reader, view);
    page.body += missing(reader, view);
    page.body += heading(reader.say("motion.counts"));
    const bool is_vote = view.explanation.majority.has_value();
    page.body += counts(reader, view.explanation.counts, is_vote);
    page.body += positions(reader, view, part);
    page.body += page_links(reader, "motions/" + record.motion.id.text(), "", part);
    return page;
}

Result<Page> restrictions_page(const Ask& ask, const Reader& reader) {
    const auto& restrictions = ask.state.rules.restrictions;
    const Slice part = TRY(slice(ask, restrictions.size()));
    Table table{.caption = reader.say("restrictions.caption"),
                .columns = {{reader.say("col.title")},
                            {reader.say("col.issuer")},
                            {reader.say("col.treatment")},
                            {reader.say("col.period")},
                            {reader.say("col.state")}},
                .rows = {}};
    std::size_t row = 0;
    for (const auto& [id, record] : restrictions) {
        const bool is_here = row >= part.first && row < part.last;
        ++row;
        if (!is_here) continue;
        const rules::Restriction& last = record.versions.back().restriction;
        const RestrictionView view{
            .id = id, .in_force = rules::in_force(record, today(ask)), .record = record};
        table.rows.push_back({reader.to("restrictions/" + id.text(), reader.text(last.title)),
                              reader.member(record.issuer), treatment(reader, last.treatment),
                              reader.period(last.from, last.until),
                              restriction_state(reader, view)});
    }
    Page page{.title = reader.say("nav.restrictions"), .trail = {}, .body = {}};
    page.body += paragraph(reader.say("restrictions.lead"));
    page.body += restrictions.empty() ? paragraph(reader.say("restrictions.none")) : table.html();
    page.body += page_links(reader, "restrictions", "", part);
    return page;
}

Result<Page> restriction_page(const Ask& ask, const Reader& reader) {
    const RestrictionView view = TRY(restriction_view(ask));
    const auto& versions = view.record.versions;
    Page page{.title = reader.text(versions.back().restriction.title),
              .trail = {{"restrictions", reader.say("nav.restrictions")}},
              .body = {}};
    page.body += state_line(restriction_state(reader, view));
    page.body += facts_list({{reader.say("fact.id"), reader.code(view.id.text())},
                             {reader.say("fact.issuer"), reader.member(view.record.issuer)}});
    page.body += note(reader.say("restriction.issuer_only"));
    if (view.record.withdrawn_at) {
        page.body += paragraph(
            reader.say("restriction.withdrawal",
                       {{"entry", reader.entry(*view.record.withdrawn_at)},
                        {"reason", reader.text(view.record.withdrawal_reason.value_or(""))}}));
    }
    for (auto each = versions.rbegin(); each != versions.rend(); ++each) {
        page.body += version(reader, *each);
    }
    return page;
}

}  // namespace comity::server
