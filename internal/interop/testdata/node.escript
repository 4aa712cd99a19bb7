#!/usr/bin/env escript
%% Evaluates Erlang for the tests. A line of input is a session and expressions,
%%
%%     Session Expressions.
%%
%% and is answered with one line, "Session = Value", or "Session ! Exception". What the
%% expressions print comes as "Session > String" with the string in Erlang's syntax. A
%% session is a process with variables of its own, and sessions run at the same time;
%% "Session" alone ends it, which closes its sockets. The records of gen_sctp are known,
%% and printed with the names of their fields. The variable Run is a function that runs a
%% function of an Erlang source, which takes less time than to compile it. The end of the
%% input is the end.

main([]) ->
    Hrl = filename:join([code:lib_dir(kernel), "include", "inet_sctp.hrl"]),
    {ok, Forms} = epp:parse_file(Hrl, []),
    Records = [Form || {attribute, _, record, _} = Form <- Forms],
    io:format("ready~n"),
    read(Records, #{}).

read(Records, Sessions) ->
    case io:get_line("") of
        eof -> halt();
        Line ->
            [Name | Text] = string:split(string:trim(Line), " "),
            Pid = case Sessions of
                #{Name := P} -> P;
                _ -> spawn(fun() -> session(Name, Records) end)
            end,
            case Text of
                [] -> exit(Pid, kill), read(Records, maps:remove(Name, Sessions));
                [T] -> Pid ! {eval, T}, read(Records, Sessions#{Name => Pid})
            end
    end.

session(Name, Records) ->
    Out = group_leader(),
    group_leader(spawn_link(fun() -> printer(Name, Out) end), self()),
    Run = fun(File, Function, Args) -> call(Function, Args, functions(File)) end,
    loop(Name, Out, Records, erl_eval:add_binding('Run', Run, erl_eval:new_bindings())).

loop(Name, Out, Records, Bindings) ->
    Text = receive {eval, T} -> T end,
    try
        {value, Value, New} = erl_eval:exprs(parse(Text, Records), Bindings),
        io:format(Out, "~s = ~ts~n", [Name, show(Value, Records)]),
        New
    of
        Next -> loop(Name, Out, Records, Next)
    catch
        _:Reason ->
            io:format(Out, "~s ! ~ts~n", [Name, show(Reason, Records)]),
            loop(Name, Out, Records, Bindings)
    end.

%% parse returns the expressions of Text, with the records in them as tuples.
parse(Text, Records) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    {ok, Exprs} = erl_parse:parse_exprs(Tokens),
    Clause = {clause, 1, [], [], Exprs},
    Forms = erl_expand_records:module(Records ++ [{function, 1, f, 0, [Clause]}], []),
    [Expanded] = [Body || {function, _, f, 0, [{clause, _, _, _, Body}]} <- Forms],
    Expanded.

%% functions returns the clauses of the functions in a source.
functions(File) ->
    {ok, Forms} = epp:parse_file(File, []),
    Expanded = erl_expand_records:module(Forms, []),
    maps:from_list([{{Name, Arity}, Clauses} || {function, _, Name, Arity, Clauses} <- Expanded]).

call(Name, Args, Functions) ->
    Local = {value, fun(N, As) -> call(N, As, Functions) end},
    Clauses = maps:get({Name, length(Args)}, Functions),
    {Body, Bindings} = erl_eval:match_clause(Clauses, Args, erl_eval:new_bindings(), Local),
    {value, Value, _} = erl_eval:exprs(Body, Bindings, Local),
    Value.

%% show returns Value on one line.
show(Value, Records) ->
    Fields = fun(Tag, Count) ->
        case [Fs || {attribute, _, record, {T, Fs}} <- Records, T =:= Tag, length(Fs) =:= Count] of
            [Fs] -> [field(F) || F <- Fs];
            [] -> no
        end
    end,
    io_lib_pretty:print(Value, [{line_length, 0}, {record_print_fun, Fields}, {encoding, unicode}]).

field({typed_record_field, Field, _}) -> field(Field);
field(Field) -> element(3, element(3, Field)).

%% printer is the group leader of a session.
printer(Name, Out) ->
    receive
        {io_request, From, As, Request} ->
            Text = case Request of
                {put_chars, _, Chars} -> Chars;
                {put_chars, _, M, F, A} -> apply(M, F, A)
            end,
            io:format(Out, "~s > ~0p~n", [Name, unicode:characters_to_list(Text)]),
            From ! {io_reply, As, ok},
            printer(Name, Out)
    end.
