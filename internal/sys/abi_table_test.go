package sys_test

// abiStructs says which C struct each struct of abi.go is, and which C field each of
// its fields, embedded ones included.
var abiStructs = []struct{ goName, cName, fields string }{
	{"InitMsg", "sctp_initmsg", `
		NumOstreams:sinit_num_ostreams MaxInstreams:sinit_max_instreams MaxAttempts:sinit_max_attempts
		MaxInitTimeo:sinit_max_init_timeo`},
	{"SndInfo", "sctp_sndinfo", `
		SID:snd_sid Flags:snd_flags PPID:snd_ppid Context:snd_context AssocID:snd_assoc_id`},
	{"RcvInfo", "sctp_rcvinfo", `
		SID:rcv_sid SSN:rcv_ssn Flags:rcv_flags PPID:rcv_ppid TSN:rcv_tsn CumTSN:rcv_cumtsn
		Context:rcv_context AssocID:rcv_assoc_id`},
	{"PRInfo", "sctp_prinfo", `
		Policy:pr_policy Value:pr_value`},
	{"AuthInfo", "sctp_authinfo", `
		KeyNumber:auth_keynumber`},
	{"RTOInfo", "sctp_rtoinfo", `
		AssocID:srto_assoc_id Initial:srto_initial Max:srto_max Min:srto_min`},
	{"AssocParams", "sctp_assocparams", `
		AssocID:sasoc_assoc_id AsocMaxRxt:sasoc_asocmaxrxt
		NumberPeerDests:sasoc_number_peer_destinations PeerRwnd:sasoc_peer_rwnd
		LocalRwnd:sasoc_local_rwnd CookieLife:sasoc_cookie_life`},
	{"Prim", "sctp_prim", `
		AssocID:ssp_assoc_id Addr:ssp_addr`},
	{"Prim", "sctp_setpeerprim", `
		AssocID:sspp_assoc_id Addr:sspp_addr`},
	{"PAddrParams", "sctp_paddrparams", `
		AssocID:spp_assoc_id Addr:spp_address HBInterval:spp_hbinterval PathMaxRxt:spp_pathmaxrxt
		PathMTU:spp_pathmtu SACKDelay:spp_sackdelay Flags:spp_flags FlowLabel:spp_ipv6_flowlabel
		DSCP:spp_dscp`},
	{"AuthKeyID", "sctp_authkeyid", `
		AssocID:scact_assoc_id KeyNumber:scact_keynumber`},
	{"SACKInfo", "sctp_sack_info", `
		AssocID:sack_assoc_id Delay:sack_delay Freq:sack_freq`},
	{"AssocValue", "sctp_assoc_value", `
		AssocID:assoc_id Value:assoc_value`},
	{"StreamValue", "sctp_stream_value", `
		AssocID:assoc_id SID:stream_id Value:stream_value`},
	{"PAddrInfo", "sctp_paddrinfo", `
		AssocID:spinfo_assoc_id Addr:spinfo_address State:spinfo_state Cwnd:spinfo_cwnd SRTT:spinfo_srtt
		RTO:spinfo_rto MTU:spinfo_mtu`},
	{"Status", "sctp_status", `
		AssocID:sstat_assoc_id State:sstat_state Rwnd:sstat_rwnd UnackData:sstat_unackdata
		PendData:sstat_penddata InStreams:sstat_instrms OutStreams:sstat_outstrms
		FragmentationPoint:sstat_fragmentation_point Primary:sstat_primary`},
	{"PRStatus", "sctp_prstatus", `
		AssocID:sprstat_assoc_id SID:sprstat_sid Policy:sprstat_policy
		AbandonedUnsent:sprstat_abandoned_unsent AbandonedSent:sprstat_abandoned_sent`},
	{"DefaultPRInfo", "sctp_default_prinfo", `
		AssocID:pr_assoc_id Value:pr_value Policy:pr_policy`},
	{"AddStreams", "sctp_add_streams", `
		AssocID:sas_assoc_id InStreams:sas_instrms OutStreams:sas_outstrms`},
	{"EventSetting", "sctp_event", `
		AssocID:se_assoc_id Type:se_type On:se_on`},
	{"PAddrThlds", "sctp_paddrthlds", `
		AssocID:spt_assoc_id Addr:spt_address PathMaxRxt:spt_pathmaxrxt PathPFThld:spt_pathpfthld`},
	{"PAddrThldsV2", "sctp_paddrthlds_v2", `
		AssocID:spt_assoc_id Addr:spt_address PathMaxRxt:spt_pathmaxrxt PathPFThld:spt_pathpfthld
		PathCPThld:spt_pathcpthld`},
	{"UDPEncaps", "sctp_udpencaps", `
		AssocID:sue_assoc_id Addr:sue_address Port:sue_port`},
	{"ProbeInterval", "sctp_probeinterval", `
		AssocID:spi_assoc_id Addr:spi_address Interval:spi_interval`},
	{"AssocStats", "sctp_assoc_stats", `
		AssocID:sas_assoc_id ObsRTOAddr:sas_obs_rto_ipaddr MaxRTO:sas_maxrto ISACKs:sas_isacks
		OSACKs:sas_osacks OPackets:sas_opackets IPackets:sas_ipackets RtxChunks:sas_rtxchunks
		OutOfSeqTSNs:sas_outofseqtsns IDupChunks:sas_idupchunks GapCnt:sas_gapcnt
		OUODChunks:sas_ouodchunks IUODChunks:sas_iuodchunks ODChunks:sas_oodchunks
		IDChunks:sas_iodchunks OCtrl:sas_octrlchunks ICtrl:sas_ictrlchunks`},
	{"ConnectxArg", "sctp_getaddrs_old", `
		AssocID:assoc_id Size:addr_num Addrs:addrs`},
	{"PeelOffArg", "sctp_peeloff_arg_t", `
		AssocID:associd SD:sd`},
	{"PeelOffFlagsArg", "sctp_peeloff_flags_arg_t", `
		Arg:p_arg Flags:flags`},
	{"NotificationHeader", "sctp_notification.sn_header", `
		Type:sn_type Flags:sn_flags Length:sn_length`},
	{"AssocChange", "sctp_assoc_change", `
		Type:sac_type Flags:sac_flags Length:sac_length State:sac_state Error:sac_error
		OutboundStreams:sac_outbound_streams InboundStreams:sac_inbound_streams AssocID:sac_assoc_id`},
	{"PAddrChange", "sctp_paddr_change", `
		Type:spc_type Flags:spc_flags Length:spc_length Addr:spc_aaddr State:spc_state Error:spc_error
		AssocID:spc_assoc_id`},
	{"RemoteError", "sctp_remote_error", `
		Type:sre_type Flags:sre_flags Length:sre_length Error:sre_error AssocID:sre_assoc_id`},
	{"ShutdownEvent", "sctp_shutdown_event", `
		Type:sse_type Flags:sse_flags Length:sse_length AssocID:sse_assoc_id`},
	{"AdaptationEvent", "sctp_adaptation_event", `
		Type:sai_type Flags:sai_flags Length:sai_length Indication:sai_adaptation_ind
		AssocID:sai_assoc_id`},
	{"PDAPIEvent", "sctp_pdapi_event", `
		Type:pdapi_type Flags:pdapi_flags Length:pdapi_length Indication:pdapi_indication
		AssocID:pdapi_assoc_id Stream:pdapi_stream Seq:pdapi_seq`},
	{"AuthKeyEvent", "sctp_authkey_event", `
		Type:auth_type Flags:auth_flags Length:auth_length KeyNumber:auth_keynumber
		AltKeyNumber:auth_altkeynumber Indication:auth_indication AssocID:auth_assoc_id`},
	{"SenderDryEvent", "sctp_sender_dry_event", `
		Type:sender_dry_type Flags:sender_dry_flags Length:sender_dry_length AssocID:sender_dry_assoc_id`},
	{"StreamResetEvent", "sctp_stream_reset_event", `
		Type:strreset_type Flags:strreset_flags Length:strreset_length AssocID:strreset_assoc_id`},
	{"AssocResetEvent", "sctp_assoc_reset_event", `
		Type:assocreset_type Flags:assocreset_flags Length:assocreset_length AssocID:assocreset_assoc_id
		LocalTSN:assocreset_local_tsn RemoteTSN:assocreset_remote_tsn`},
	{"StreamChangeEvent", "sctp_stream_change_event", `
		Type:strchange_type Flags:strchange_flags Length:strchange_length AssocID:strchange_assoc_id
		InStreams:strchange_instrms OutStreams:strchange_outstrms`},
	{"SendFailedEvent", "sctp_send_failed_event", `
		Type:ssf_type Flags:ssf_flags Length:ssf_length Error:ssf_error Info:ssfe_info
		AssocID:ssf_assoc_id`},
}

// wideStructs are those that GetsockoptWide and SetsockoptWide carry: in Go they are as
// on a 64-bit kernel, but for padding at the end.
var wideStructs = []string{"PAddrThlds", "PAddrThldsV2", "UDPEncaps", "ProbeInterval", "AssocStats"}
