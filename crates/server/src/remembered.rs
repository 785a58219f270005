//! Answers that only this process can give again: what is in them is stored nowhere.

use std::collections::VecDeque;

use guichet_core::domain::Rejection;
use guichet_core::{Caller, IdempotencyKey};
use tokio::sync::Mutex;

use crate::access::Identity;
use crate::edge::RequestKey;
use crate::failure::Failure;

/// Answers kept for a repeat: nobody makes more secrets than this before a lost answer is asked for again.
const ANSWERS_KEPT: usize = 256;

/// What was answered to whom, as long as the process lives. After a restart, a repeat makes another secret, which does no harm.
pub(crate) struct Remembered<Q, A>(Mutex<VecDeque<Given<Q, A>>>);

struct Given<Q, A> {
    caller: Caller,
    key: IdempotencyKey,
    request: Q,
    answer: A,
}

impl<Q, A> Default for Remembered<Q, A> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<Q: PartialEq, A: Clone> Remembered<Q, A> {
    /// The earlier answer to the same request, or a new one; and whether it is an earlier one.
    ///
    /// # Errors
    /// When the key came with another request before, and those of `make`.
    pub(crate) async fn answer(
        &self,
        identity: Identity,
        key: RequestKey,
        request: Q,
        make: impl AsyncFnOnce(&Q) -> Result<A, Failure>,
    ) -> Result<(A, bool), Failure> {
        // Held over the making: of two equal requests at once, the second waits and is answered as the first.
        let mut given = self.0.lock().await;
        if let Some(earlier) = given.iter().find(|given| given.caller == identity.caller && given.key == key.key) {
            if earlier.request != request {
                let reused = Rejection::IdempotencyKeyReused;
                return Err(Failure::new(reused.code(), reused));
            }
            return Ok((earlier.answer.clone(), true));
        }
        let answer = make(&request).await?;
        if given.len() == ANSWERS_KEPT {
            given.pop_front();
        }
        given.push_back(Given { caller: identity.caller, key: key.key, request, answer: answer.clone() });
        Ok((answer, false))
    }
}
