//! Server-sent events, read line by line as the HTML standard says.

use std::collections::VecDeque;

use futures_util::{Stream, stream};
use reqwest::{Response, Url};

use super::ClientError;
use crate::StreamEvent;

/// Events of a stream that is open. It ends when the server ends it; go on with the last id.
#[derive(Debug)]
pub struct Events {
    url: Url,
    response: Response,
    lines: Lines,
}

impl Events {
    pub(super) fn new(url: Url, response: Response) -> Self {
        Self { url, response, lines: Lines::default() }
    }

    /// The next event; `None` when the server has ended the stream.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn next(&mut self) -> Result<Option<StreamEvent>, ClientError> {
        loop {
            if let Some(event) = self.lines.ready.pop_front() {
                return Ok(Some(event));
            }
            let chunk = self.response.chunk().await;
            match chunk.map_err(|source| ClientError::Unreachable { url: self.url.to_string(), source })? {
                Some(bytes) => self.lines.take(&bytes),
                None => return Ok(None),
            }
        }
    }

    /// The same as a stream.
    pub fn into_stream(self) -> impl Stream<Item = Result<StreamEvent, ClientError>> + Send {
        stream::try_unfold(self, |mut events| async move { Ok(events.next().await?.map(|event| (event, events))) })
    }
}

/// What has come of the stream and is not an event yet.
#[derive(Debug, Default)]
struct Lines {
    line: Vec<u8>,
    /// The last id outlives its event: one without an id has the same.
    id: String,
    event: String,
    data: Option<String>,
    ready: VecDeque<StreamEvent>,
}

impl Lines {
    fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match byte {
                b'\n' => {
                    let line = std::mem::take(&mut self.line);
                    self.line(String::from_utf8_lossy(&line).trim_end_matches('\r'));
                }
                other => self.line.push(*other),
            }
        }
    }

    fn line(&mut self, line: &str) {
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            if let Some(data) = self.data.take() {
                self.ready.push_back(StreamEvent { id: self.id.clone(), event, data });
            }
            return;
        }
        // A line that begins with a colon is a comment: its field has no name.
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "id" => value.clone_into(&mut self.id),
            "event" => value.clone_into(&mut self.event),
            "data" => match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.data = Some(value.to_owned()),
            },
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_whole_however_they_are_cut() {
        let text = b": hello\n\nid: p1.4\nevent: hold_placed\ndata: {\"a\":\ndata: 1}\n\nid: p1.5\r\ndata:x\r\n\r\n";
        for cut in 0..text.len() {
            let mut lines = Lines::default();
            lines.take(&text[..cut]);
            lines.take(&text[cut..]);
            let expected = [
                StreamEvent { id: "p1.4".into(), event: "hold_placed".into(), data: "{\"a\":\n1}".into() },
                StreamEvent { id: "p1.5".into(), event: String::new(), data: "x".into() },
            ];
            assert!(lines.ready.iter().eq(&expected), "cut at {cut}: {:?}", lines.ready);
        }
    }
}
