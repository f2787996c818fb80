package Edges::Peers;
# Tells proxies of other edges what the volume says, and asks them the same.
use strict;
use warnings;
use Errno qw(EAGAIN EINTR EINPROGRESS);
use Exporter 'import';
use IO::Handle;
use IO::Select;
use List::Util qw(max uniq);
use POSIX qw(_exit);
use Socket;
use Edges::Volume;
our @EXPORT = qw(uptime answer ask);

# The most proxies that are asked.
use constant MOST => 500;

# In seconds. It goes on evenly, unlike the clock.
sub uptime() { open(my $file, '<', '/proc/uptime') or die "proxy: /proc/uptime: $!\n"; (split ' ', <$file>)[0] }

sub listener {
  my ($port) = @_;
  socket(my $listener, PF_INET, SOCK_STREAM, 0) or return;
  setsockopt($listener, SOL_SOCKET, SO_REUSEADDR, 1);
  bind($listener, sockaddr_in($port, INADDR_ANY)) && listen($listener, SOMAXCONN) or return;
  $listener->blocking(0);
  return $listener;
}

# For as long as who started it lives. Nothing is read of whoever asks, and the line fits into the kernel's buffer: nobody is
# waited for. While the file LATE is there, the line says less.
sub answer {
  my ($port, $late) = @_;
  my ($parent, $listener, $said) = (getppid);
  $SIG{PIPE} = 'IGNORE';
  until ($listener = listener($port)) {
    print STDERR "proxy: other edges cannot ask here: port $port: $!\n" unless $said++;
    sleep 1;
    _exit(0) if getppid != $parent;
  }
  my $select = IO::Select->new($listener);
  while (getppid == $parent) {
    next unless $select->can_read(1) && accept(my $client, $listener);
    $client->blocking(0);
    syswrite($client, told(-e $late));
  }
  _exit(0);
}

sub is_own {
  my ($address) = @_;
  socket(my $try, PF_INET, SOCK_DGRAM, 0) or return;
  return bind($try, sockaddr_in(0, $address));
}

# Found in a process of its own, since the resolver takes its time.
sub addresses {
  my ($name, $until) = @_;
  pipe(my $from, my $to) or return;
  my $child = fork // return;
  unless ($child) {
    my (undef, undef, undef, undef, @all) = gethostbyname $name;
    syswrite($to, join '', grep { length == 4 } @all);
    _exit(0);
  }
  close $to;
  my ($packed, $select) = ('', IO::Select->new($from));
  while ($select->can_read(max 0, $until - uptime)) { sysread($from, $packed, 4 * MOST, length $packed) or last }
  kill KILL => $child;
  waitpid $child, 0;
  my @all = grep { !is_own($_) } uniq unpack '(a4)*', $packed;
  return splice @all, 0, MOST;
}

# What all others of this name say, side by side, until then. An answer that is cut off or in another form is none.
sub ask {
  my ($name, $port, $until) = @_;
  my ($select, %text, @answers) = IO::Select->new;
  for my $address (addresses($name, $until)) {
    socket(my $peer, PF_INET, SOCK_STREAM, 0) or next;
    $peer->blocking(0);
    $select->add($peer) if connect($peer, sockaddr_in($port, $address)) || $! == EINPROGRESS;
  }
  while ($select->count && (my $left = $until - uptime) > 0) {
    for my $peer ($select->can_read($left)) {
      my $read = sysread($peer, $text{$peer} //= '', LONGEST, length $text{$peer});
      next if defined $read ? $read && length $text{$peer} < LONGEST : $! == EAGAIN || $! == EINTR;
      $select->remove($peer);
      push @answers, understood($text{$peer}) // () if defined $read && !$read;
    }
  }
  return @answers;
}

1;
