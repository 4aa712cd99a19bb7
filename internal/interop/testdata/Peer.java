// The peer of TestJava: the channels of the JDK's com.sun.nio.sctp. It echoes what comes over
// a server channel and over a multi channel, and connects to the ports that its input names.

import com.sun.nio.sctp.AbstractNotificationHandler;
import com.sun.nio.sctp.Association;
import com.sun.nio.sctp.AssociationChangeNotification;
import com.sun.nio.sctp.HandlerResult;
import com.sun.nio.sctp.MessageInfo;
import com.sun.nio.sctp.SctpChannel;
import com.sun.nio.sctp.SctpMultiChannel;
import com.sun.nio.sctp.SctpServerChannel;
import com.sun.nio.sctp.SctpStandardSocketOptions;
import com.sun.nio.sctp.ShutdownNotification;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Scanner;
import java.util.concurrent.Callable;

public class Peer {
    public static void main(String[] args) throws Exception {
        InetSocketAddress any = new InetSocketAddress("127.0.0.1", 0);
        SctpServerChannel server = SctpServerChannel.open().bind(any);
        SctpMultiChannel multi = SctpMultiChannel.open().bind(any);
        start("server", () -> {
            while (true) {
                echo("server", server.accept());
            }
        });
        start("multi", () -> serve(multi));
        say("server", "port " + port(server.getAllLocalAddresses().iterator().next()));
        say("multi", "port " + port(multi.getAllLocalAddresses().iterator().next()));
        Scanner in = new Scanner(System.in);
        while (in.hasNext()) {
            String how = in.next();
            InetSocketAddress addr = new InetSocketAddress("127.0.0.1", in.nextInt());
            start(how, () -> connect(how, addr));
        }
        System.exit(0);
    }

    /** Connects, sends a message, reads one, and ends the association as told. */
    static Void connect(String how, InetSocketAddress addr) throws Exception {
        SctpChannel c = SctpChannel.open(addr, 5, 7);
        Association a = c.association();
        say(how, "streams out " + a.maxOutboundStreams() + ", in " + a.maxInboundStreams());
        c.send(bytes("hello"), MessageInfo.createOutgoing(addr, 3).payloadProtocolID(60).unordered(true));
        ByteBuffer b = ByteBuffer.allocateDirect(1 << 17);
        say(how, describe(c.receive(b, how, new Handler()), b));
        if (how.equals("abort")) {
            c.setOption(SctpStandardSocketOptions.SO_LINGER, 0);
        } else {
            c.shutdown();
            b.clear();
            say(how, describe(c.receive(b, how, new Handler()), b));
        }
        c.close();
        return null;
    }

    /** Sends back what comes over a channel until its end. */
    static Void echo(String name, SctpChannel c) throws Exception {
        ByteBuffer b = ByteBuffer.allocateDirect(1 << 17);
        while (true) {
            b.clear();
            MessageInfo info = c.receive(b, name, new Handler());
            say(name, describe(info, b));
            if (info.bytes() == -1) {
                c.close();
                return null;
            }
            b.flip();
            c.send(b, reply(info));
        }
    }

    /** Sends back what comes over a channel; "branch" branches an association off. */
    static Void serve(SctpMultiChannel c) throws Exception {
        ByteBuffer b = ByteBuffer.allocateDirect(1 << 17);
        while (true) {
            b.clear();
            MessageInfo info = c.receive(b, "multi", new Handler());
            say("multi", describe(info, b));
            b.flip();
            if (!StandardCharsets.US_ASCII.decode(b.duplicate()).toString().equals("branch")) {
                c.send(b, reply(info));
                continue;
            }
            SctpChannel branch = c.branch(info.association());
            branch.send(bytes("branched"), reply(info));
            start("branch", () -> echo("branch", branch));
        }
    }

    static MessageInfo reply(MessageInfo info) {
        return MessageInfo.createOutgoing(info.association(), info.address(), info.streamNumber())
                .payloadProtocolID(info.payloadProtocolID()).unordered(info.isUnordered());
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    static int port(java.net.SocketAddress addr) {
        return ((InetSocketAddress) addr).getPort();
    }

    static String describe(MessageInfo info, ByteBuffer b) {
        if (info == null || info.bytes() == -1) {
            return "end";
        }
        String text = StandardCharsets.US_ASCII.decode(b.duplicate().flip()).toString();
        return "stream " + info.streamNumber() + ", PPID " + info.payloadProtocolID()
                + (info.isUnordered() ? ", unordered" : "") + (info.isComplete() ? "" : ", incomplete")
                + ", " + info.bytes() + " bytes: " + text.substring(0, Math.min(text.length(), 20));
    }

    /** Prints what happens to associations. */
    static class Handler extends AbstractNotificationHandler<String> {
        public HandlerResult handleNotification(AssociationChangeNotification n, String name) {
            say(name, n.event().toString());
            return HandlerResult.CONTINUE;
        }

        public HandlerResult handleNotification(ShutdownNotification n, String name) {
            say(name, "SHUTDOWN");
            return HandlerResult.CONTINUE;
        }
    }

    static synchronized void say(String name, String what) {
        System.out.println(name + ": " + what);
    }

    static void start(String name, Callable<Void> f) {
        Thread t = new Thread(() -> {
            try {
                f.call();
            } catch (Exception e) {
                say(name, "failed: " + e);
            }
        });
        t.start();
    }
}
