//! The suite that every store passes.
//!
//! A store's tests say how a fresh store is made and get one test per case:
//! ```
//! use std::sync::Arc;
//!
//! use signoff_store::{MemoryStore, Store, conformance::Builder};
//!
//! #[derive(Debug)]
//! struct InMemory;
//!
//! #[async_trait::async_trait]
//! impl Builder for InMemory {
//!     type Guard = ();
//!
//!     async fn build(&self) -> (Arc<dyn Store>, ()) {
//!         (Arc::new(MemoryStore::new()), ())
//!     }
//! }
//!
//! signoff_store::conformance_tests!(InMemory);
//! ```
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a case fails by panicking, as any test does"
)]

mod actions;
mod bindings;
mod commits;
mod definitions;
mod drafts;
mod faulty;
mod fields;
mod files;
mod instances;
mod jobs;
mod lists;
mod loads;
mod machine;
mod messages;
mod reading;
mod requests;
mod sample;
mod schedules;
mod shared;
mod stream;
mod subscriptions;
mod substitutions;
mod tasks;
mod together;
mod transactions;
mod turns;
mod values;
mod wide;

use std::{any::Any, fmt, panic::AssertUnwindSafe, sync::Arc};

use async_trait::async_trait;
use futures_util::{
    FutureExt,
    future::{BoxFuture, join_all},
};

pub use self::faulty::{Fault, Faults, FaultyConnection, FaultyDriver, FaultyStore};
use crate::contract::Store;

/// Makes fresh stores.
#[async_trait]
pub trait Builder: Send + Sync {
    /// What must live as long as the store, such as a folder that goes with it.
    type Guard: Send + Sync;

    /// A store with nothing in it.
    async fn build(&self) -> (Arc<dyn Store>, Self::Guard);

    /// What is missing to make one; then the case is skipped, and says so.
    fn missing(&self) -> Option<String> {
        None
    }

    /// Another store on the same database, as another process has it; the same one where no other can.
    async fn again(&self, store: &Arc<dyn Store>, guard: &Self::Guard) -> Arc<dyn Store> {
        let _ = guard;
        Arc::clone(store)
    }
}

/// One case of the suite.
#[derive(Clone, Copy)]
pub struct Case {
    /// What it shows.
    pub name: &'static str,
    run: Run,
}

type Shared = Arc<dyn Store>;

#[derive(Clone, Copy)]
enum Run {
    One(fn(Shared) -> BoxFuture<'static, ()>),
    /// Two stores on one database.
    Two(fn(Shared, Shared) -> BoxFuture<'static, ()>),
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Case").field(&self.name).finish()
    }
}

impl Case {
    /// Runs the case on a fresh store, or says that it is skipped; panics when the store fails it.
    #[expect(clippy::print_stderr, reason = "whoever runs tests looks there")]
    pub async fn run<B: Builder>(&self, builder: &B) {
        if let Some(missing) = builder.missing() {
            eprintln!("skipped: {missing}");
            return;
        }
        let (store, guard) = builder.build().await;
        match self.run {
            Run::One(run) => run(store).await,
            Run::Two(run) => {
                let other = builder.again(&store, &guard).await;
                run(store, other).await;
            }
        }
    }
}

/// Runs every case, each on a fresh store; panics with the names of those that the store fails.
pub async fn exercise<B: Builder>(builder: &B) {
    let mut failed = Vec::new();
    for case in CASES {
        if let Err(panic) = AssertUnwindSafe(case.run(builder)).catch_unwind().await {
            failed.push(format!("`{}`: {}", case.name, text(&*panic)));
        }
    }
    assert!(
        failed.is_empty(),
        "{} cases failed:\n{}",
        failed.len(),
        failed.join("\n")
    );
}

/// Runs the case of that name; panics when there is none or the store fails it.
pub async fn run<B: Builder>(name: &str, builder: &B) {
    let case = CASES.iter().find(|case| case.name == name);
    case.expect("the name is one of the suite")
        .run(builder)
        .await;
}

fn text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message")
}

/// Runs what `make` gives for each of `0..n` at once.
async fn at_once<T, F: Future<Output = T>>(n: u32, make: impl Fn(u32) -> F) -> Vec<T> {
    join_all((0..n).map(make)).await
}

/// The list of cases, and the macro that makes a test of each.
macro_rules! suite {
    ($dollar:tt $($module:ident: $($name:ident)+;)+ [$($pair:ident: $($both:ident)+;)+]) => {
        /// Every case.
        pub const CASES: &[Case] = &[
            $($(Case {
                name: stringify!($name),
                run: Run::One(|store| Box::pin($module::$name(store))),
            },)+)+
            $($(Case {
                name: stringify!($both),
                run: Run::Two(|one, other| Box::pin($pair::$both(one, other))),
            },)+)+
        ];

        /// Makes one test of each case, on stores of the given
        /// [`Builder`](crate::conformance::Builder). The crate needs tokio with `macros` and
        /// `rt-multi-thread`.
        #[macro_export]
        macro_rules! conformance_tests {
            ($dollar builder:expr) => {$($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    $crate::conformance::run(stringify!($name), &$dollar builder).await;
                }
            )+)+ $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $both() {
                    $crate::conformance::run(stringify!($both), &$dollar builder).await;
                }
            )+)+};
        }
    };
}

suite! { $
    commits:
        a_new_instance_comes_back
        a_new_instance_may_drop_what_never_was
        an_update_replaces_what_it_names
        an_old_version_conflicts_and_writes_nothing
        an_instance_is_inserted_once
        several_changes_are_all_or_nothing
        several_changes_of_one_instance_follow_each_other
        an_exclusive_key_is_taken_until_it_is_cleared
        an_exclusive_key_moves_within_one_commit
        a_unique_business_key_is_taken_for_ever
        a_business_key_is_found_and_never_changes
        of_two_commits_on_one_version_one_wins
        the_history_is_in_order;
    actions:
        a_stored_action_is_kept_replaced_and_dropped;
    bindings:
        a_binding_is_kept_replaced_and_dropped;
    definitions:
        a_definition_comes_back
        the_same_content_is_published_once
        the_newest_version_is_the_default
        the_version_of_a_moment_is_found
        publishing_at_once_gives_different_versions
        a_workflow_can_be_switched_off
        what_a_workflow_has_beside_its_content_changes
        a_start_by_what_is_not_the_newest_version_any_more_conflicts
        a_workflow_is_dropped_while_nothing_runs
        a_start_that_comes_after_the_end_of_its_workflow_conflicts;
    drafts:
        a_draft_comes_back
        a_draft_is_written_on_its_last_revision_only
        of_those_who_write_a_draft_at_once_one_wins
        a_revision_never_means_two_contents
        a_draft_goes_with_its_workflow
        a_draft_is_published_and_gone_or_neither;
    fields:
        instances_are_found_by_their_data
        instances_are_ordered_by_their_data
        what_instances_are_found_by_is_written_with_them;
    files:
        a_file_comes_back_byte_by_byte
        a_file_belongs_to_the_first_that_refers_to_it
        files_that_nobody_refers_to_are_dropped;
    instances:
        instances_are_listed_latest_first
        instances_are_filtered
        instances_are_found_by_their_parent
        instances_are_paged_without_gap_or_repetition
        the_running_instance_of_a_subject_is_found
        incidents_are_listed_latest_first
        a_resolved_incident_is_gone
        a_foreign_cursor_is_refused;
    jobs:
        jobs_are_claimed_in_order
        a_future_job_is_not_claimed
        a_lease_holds_until_it_ends
        a_lease_is_extended_by_its_holder_alone
        an_old_token_finishes_nothing
        a_retried_job_comes_back_with_its_work
        a_job_that_gave_up_leaves_an_incident
        a_job_that_gave_up_is_let_run_again
        jobs_of_an_instance_are_listed
        of_one_instance_one_job_runs_at_a_time
        a_replaced_job_escapes_its_worker
        a_dropped_job_is_gone
        jobs_are_claimed_once_by_many_workers
        jobs_of_one_tenant_can_be_claimed_alone
        a_tenant_with_many_jobs_keeps_no_other_waiting
        tenants_take_turns;
    loads:
        each_part_loads_what_it_says
        a_task_leads_to_its_instance
        a_closed_task_is_found_but_not_live
        nothing_is_loaded_of_another_tenant;
    machine:
        a_run_of_the_machine_comes_back_after_every_step;
    messages:
        a_message_comes_back
        a_message_id_is_kept_once_per_tenant
        old_messages_are_dropped
        of_messages_of_one_id_added_at_once_one_is_kept
        messages_are_given_earliest_first
        an_expired_message_is_not_given
        a_message_that_cannot_be_consumed_conflicts_and_writes_nothing
        of_two_who_consume_one_message_one_wins
        a_transaction_consumes_when_it_is_finished
        messages_of_another_tenant_are_not_seen
        names_keys_and_payloads_of_any_text_survive;
    lists:
        instances_are_narrowed
        instances_are_searched
        tasks_are_found_by_their_instances
        instances_are_paged_to_and_fro
        tasks_are_paged_to_and_fro
        what_a_person_may_take_is_paged_to_and_fro
        incidents_are_paged_to_and_fro;
    reading:
        many_instances_are_read_at_once
        tasks_of_many_instances_are_read_at_once
        tasks_are_narrowed
        instances_are_filtered_by_type_of_subject
        counts_are_those_of_the_rows;
    requests:
        a_request_comes_back_with_what_answered_it
        a_request_is_answered_once_and_whole
        of_requests_sent_at_once_one_is_answered
        a_transaction_answers_when_it_is_finished
        a_kept_request_is_begun_once_and_answered_once
        a_kept_request_is_taken_over_by_one_and_forgotten_by_that_one
        of_kept_requests_begun_at_once_one_is_new
        old_requests_are_dropped;
    schedules:
        schedules_come_due_in_order
        the_next_schedule_is_the_earliest
        setting_schedules_keeps_moments_and_drops_the_rest
        a_schedule_moves_from_the_moment_it_is_at
        of_those_who_move_a_schedule_at_once_one_wins;
    stream:
        entries_have_positions_without_gap
        each_tenant_has_positions_of_its_own
        an_instance_whose_clock_goes_back_keeps_its_order
        what_is_committed_late_is_not_skipped;
    subscriptions:
        subscribers_are_found_by_what_they_wait_for
        subscribers_are_paged_without_gap_or_repetition
        a_dropped_subscription_is_gone
        subscribers_of_another_tenant_are_not_seen;
    substitutions:
        substitutions_are_found_by_person_and_moment
        a_substitution_is_replaced_and_dropped;
    tasks:
        available_tasks_are_those_of_the_person_and_the_roles
        held_tasks_are_those_of_the_assignee
        decided_tasks_are_those_of_who_decided
        candidates_are_replaced
        all_tasks_are_open_ones_then_closed_ones
        tasks_are_filtered_by_instance
        tasks_are_paged_without_gap_or_repetition
        a_task_shows_its_instance
        tasks_of_another_tenant_are_not_seen
        tasks_are_found_by_state_and_moments;
    together:
        commits_at_once_are_as_one_after_the_other
        lives_at_once_end_alike
        of_commits_at_once_each_fails_for_itself;
    transactions:
        a_dropped_transaction_leaves_nothing
        a_finished_transaction_is_kept
        a_transaction_sees_its_own_writes
        a_conflict_leaves_the_transaction_usable
        a_transaction_finds_the_running_instance
        a_transaction_finds_a_business_key;
    turns:
        turns_go_round
        turns_taken_at_once_are_fair
        pools_do_not_share_turns
        an_empty_pool_has_no_turn
        a_turn_of_a_dropped_transaction_is_given_back;
    values:
        every_text_survives
        a_large_document_survives
        moments_of_every_zone_survive
        nanoseconds_survive
        numbers_survive;
    wide:
        names_that_look_alike_are_different
        nothing_is_seen_of_another_tenant
        ten_thousand_rows_are_paged_without_gap_or_repetition;
    [
    shared:
        what_one_engine_writes_the_other_reads
        of_two_engines_on_one_version_one_wins
        a_transaction_and_another_engine_on_one_version_one_wins
        a_transaction_is_unseen_by_another_engine_until_it_is_finished
        jobs_are_claimed_once_by_workers_of_two_engines
        a_job_of_an_engine_that_died_comes_back_and_what_it_finishes_late_changes_nothing
        turns_go_round_across_engines
        a_message_is_consumed_by_one_of_two_engines
        a_schedule_is_moved_by_one_of_two_engines
        a_draft_is_written_by_one_of_two_engines;
    stream:
        those_who_follow_while_others_write_miss_nothing;
    ]
}
