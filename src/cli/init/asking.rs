//! Questions on the terminal; an answer that is a secret is not shown while it is typed.

use std::io::{self, Write};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use super::failed_at;
use super::signals::Signals;
use crate::cli::Failure;

/// The longest line a terminal hands over at once (`termios(3)`).
const LINE_MAX: usize = 4_096;

/// Who sits at standard input, and the signals that end a question.
pub(super) struct Terminal(Signals);

impl Terminal {
    /// Nothing is asked yet.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self(Signals::new()?))
    }

    /// What ends the program.
    pub(super) fn signals(&self) -> &Signals {
        &self.0
    }

    /// Says something that is no result of the command.
    #[expect(clippy::unused_self, reason = "said to whoever sits there")]
    pub(super) fn say(&self, text: &str) -> Result<(), Failure> {
        Ok(writeln!(io::stderr(), "{text}")?)
    }

    /// The line somebody types, without blanks around it.
    pub(super) fn ask(&self, question: &str) -> Result<String, Failure> {
        self.0.hold();
        let answer = self.answer(question);
        self.0.let_go();
        answer
    }

    /// The same, not shown while it is typed.
    pub(super) fn ask_hidden(&self, question: &str) -> Result<String, Failure> {
        // Held before the terminal changes and until it has changed back: whoever interrupts gets it
        // as it was.
        self.0.hold();
        let dark = Dark::new().map_err(failed_at("the terminal"));
        let answer = dark.and_then(|_dark| self.answer(question));
        self.0.let_go();
        answer
    }

    fn answer(&self, question: &str) -> Result<String, Failure> {
        write!(io::stderr(), "{question}")?;
        self.line()
    }

    fn line(&self) -> Result<String, Failure> {
        let mut line = [0; LINE_MAX];
        let stdin = io::stdin();
        let length = loop {
            let mut fds = [
                PollFd::new(&stdin, PollFlags::IN),
                PollFd::from_borrowed_fd(self.0.woken(), PollFlags::IN),
            ];
            match poll(&mut fds, None) {
                Err(rustix::io::Errno::INTR) => continue,
                Err(error) => return Err(failed_at("the terminal")(error.into())),
                Ok(_) if !fds[1].revents().is_empty() => {
                    return Err(Failure::Failed("interrupted; nothing was written".to_owned()));
                }
                Ok(_) => {}
            }
            match rustix::io::read(&stdin, &mut line) {
                Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
                Err(error) => return Err(failed_at("the terminal")(error.into())),
                Ok(0) => {
                    return Err(Failure::Failed("no answer; nothing was written".to_owned()));
                }
                Ok(length) => break length,
            }
        };
        Ok(String::from_utf8_lossy(&line[..length]).trim().to_owned())
    }
}

/// A terminal that shows nothing; dropping it makes it as it was.
struct Dark(Termios);

impl Dark {
    fn new() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut dark = before.clone();
        dark.local_modes -= LocalModes::ECHO;
        // The end of the line is shown, so that what follows has its own.
        dark.local_modes |= LocalModes::ECHONL;
        tcsetattr(io::stdin(), OptionalActions::Flush, &dark)?;
        Ok(Self(before))
    }
}

impl Drop for Dark {
    fn drop(&mut self) {
        // A terminal that is gone needs nothing.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}
